using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;

namespace HqTrack.AppTests.Web;

/// <summary>Files that are too long, damaged, or no pictures.</summary>
[Collection("torch")]
public sealed class HostileUploadTests(AnnotatorServer server) : HostileRequests(server)
{
    [Fact]
    public async Task One_image_sent_many_times_at_once_is_one_frame()
    {
        var other = await Server.Client.CreateProjectAsync("at once");
        var image = ImageFile.EncodeJpeg(SmallClip.Draw(0, out _));
        var uploads = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Server.Client.AddImageAsync(other.Id, "a.jpg", image, "image/jpeg")));
        Assert.All(uploads, upload => Assert.Equal(("done", 0), (upload.State, upload.First)));
        Assert.Equal(1, (await Server.Client.GetProjectAsync(other.Id)).Frames.Count);
    }

    [Fact]
    public async Task A_file_under_way_is_not_thrown_away_by_one_of_another_length()
    {
        var upload = await AnnounceAsync("twice.mp4", new byte[100]);
        (await SendAsync(upload, 0, new byte[60])).EnsureSuccessStatusCode();
        await AssertRefusedAsync(await PostAsync("projects/{id}/uploads", new { name = "twice.mp4", size = 101, sha256 = Convert.ToHexString(SHA256.HashData(new byte[100])) }), 409, "upload-busy");
        Assert.Equal(60, (await Server.Http.GetFromJsonAsync<Upload>(Api($"projects/{{id}}/uploads/{upload.Id}")))!.Offset);
    }

    [Fact]
    public async Task A_length_that_is_announced_too_long_is_refused_before_it_comes()
    {
        var (status, _) = await RawRequest.SendAsync(Server.Address, $"POST /{Api("projects/{id}/frames")} HTTP/1.1\nHost: {Server.Address.Authority}\nContent-Type: image/jpeg\nContent-Length: 1099511627776\nConnection: close\n\nx");
        Assert.Equal(413, status);
    }

    [Fact]
    public async Task A_file_that_is_announced_too_long_is_refused() =>
        await AssertRefusedAsync(await PostAsync("projects/{id}/uploads", new { name = "a.mp4", size = 10L << 40, sha256 = new string('0', 64) }), 413, "too-large");

    [Fact]
    public async Task More_bytes_than_announced_are_refused()
    {
        var upload = await AnnounceAsync("long.mp4", new byte[10]);
        await AssertRefusedAsync(await SendAsync(upload, 0, new byte[100_000]), 413, "too-large");
        await AssertRefusedAsync(await SendAsync(upload, 5_000_000_000, [1]), 409, "upload-offset");
    }

    [Fact]
    public async Task Bytes_of_another_hash_are_refused()
    {
        var upload = await AnnounceAsync("a.jpg", ImageFile.EncodeJpeg(SmallClip.Draw(0, out _)));
        var bytes = new byte[upload.Size];
        (await SendAsync(upload, 0, bytes)).EnsureSuccessStatusCode();
        Assert.Contains("SHA-256", await FailureAsync(upload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_png_that_claims_to_be_huge_is_not_decoded() =>
        await AssertRefusedAsync(await PostImageAsync(Png(60_000, 60_000, []), "image/png"), 422, "unusable");

    [Fact]
    public async Task A_zip_archive_is_no_image()
    {
        var zip = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(zip, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            await using var entry = archive.CreateEntry("../../../evil.jpg").Open();
            await entry.WriteAsync(new byte[1 << 20]);
        }

        await AssertRefusedAsync(await PostImageAsync(zip.ToArray(), "image/png"), 422, "unusable");
    }

    [Fact]
    public async Task An_svg_with_an_outer_entity_is_no_image() => await AssertRefusedAsync(
        await PostImageAsync(Encoding.UTF8.GetBytes($"<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY x SYSTEM \"file://{Server.Outside}/secret.txt\">]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&x;</text></svg>"), "image/png"), 422, "unusable");

    [Fact]
    public async Task A_jpeg_that_is_cut_short_is_refused() =>
        await AssertRefusedAsync(await PostImageAsync(ImageFile.EncodeJpeg(SmallClip.Draw(0, out _))[..800], "image/jpeg"), 422, "unusable");
}
