using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Web;

/// <summary>What a person or the disk does to a data folder while it is served.</summary>
[Collection("torch")]
public sealed class DiskTests(AnnotatorServer server) : IClassFixture<AnnotatorServer>, IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_project_whose_folder_is_taken_away_is_gone_and_comes_back_with_it()
    {
        var project = await server.ClipAsync(1);
        var (there, away) = (Folder(project), folder["away"]);
        Directory.Move(there, away);
        Assert.Equal((404, "not-found"), await PatchAsync($"projects/{project.Id}/objects/1"));
        Assert.Equal((404, "not-found"), await PatchAsync($"projects/{project.Id}"));
        Assert.DoesNotContain(project.Id, await server.Http.GetStringAsync("api/projects"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(there));
        Directory.Move(away, there);
        Assert.Equal(project.Revision, (await server.Client.GetProjectAsync(project.Id)).Revision);
    }

    [Fact]
    public async Task A_damaged_project_keeps_no_other_from_being_served()
    {
        var good = await server.Client.CreateProjectAsync("good");
        const string id = "damaged00000";
        Directory.CreateDirectory(Path.Combine(server.Data, "projects", id));
        await File.WriteAllTextAsync(Path.Combine(server.Data, "projects", id, "journal.jsonl"), "nothing\n");
        Assert.Contains(good.Id, await server.Http.GetStringAsync("api/projects"), StringComparison.Ordinal);
        Assert.Equal((500, "damaged"), await PatchAsync($"projects/{id}"));
        Assert.Contains(server.Log, line => line.Contains("PATCH /api/projects/{project} failed", StringComparison.Ordinal) || line.Contains("damaged", StringComparison.Ordinal));

        // And at the start.
        var data = folder["data"];
        Directory.CreateDirectory(Path.Combine(data, "projects", id));
        await File.WriteAllTextAsync(Path.Combine(data, "projects", id, "journal.jsonl"), "nothing\n");
        var (second, http) = await server.StartAsync(data);
        await using var owned = second;
        using var own = http;
        Assert.Equal("{\"items\":[],\"next\":null}", await own.GetStringAsync("api/projects"));
        Assert.Contains(server.Log, line => line.Contains("A project is not served", StringComparison.Ordinal) && line.Contains("is damaged in line 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_that_refuses_is_told_as_such()
    {
        var project = await server.ClipAsync(1, prompted: false);
        var bytes = new byte[10];
        var upload = await AnnounceAsync(project, "a.mp4", bytes);
        Directory.CreateDirectory(Path.Combine(Folder(project), "uploads", upload.Id, "data")); // where the bytes are to go
        Assert.Equal((507, "storage"), await CodeAsync(await SendAsync(project, upload, bytes)));
    }

    [Fact]
    public async Task A_video_that_lost_frames_is_refused_not_shortened()
    {
        Assert.SkipUnless(HqTrack.Media.Video.FfmpegProgram.IsHere(), "no ffmpeg on this machine");
        var clip = folder["clip.mp4"];
        using (var ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=20:duration=3", "-c:v", "libx264", "-g", "10", "-pix_fmt", "yuv420p", clip])!)
        {
            await ffmpeg.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var bytes = await File.ReadAllBytesAsync(clip, TestContext.Current.CancellationToken);
        bytes.AsSpan(bytes.Length / 4, bytes.Length / 2).Clear();
        var project = await server.Client.CreateProjectAsync("holes");
        var upload = await AnnounceAsync(project, "holes.mp4", bytes);
        (await SendAsync(project, upload, bytes)).EnsureSuccessStatusCode();
        for (var i = 0; i < 300 && upload.State is not ("failed" or "done"); i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            upload = (await server.Http.GetFromJsonAsync<Upload>($"api/projects/{project.Id}/uploads/{upload.Id}"))!;
        }

        Assert.Equal("failed", upload.State);
        Assert.Contains("'holes.mp4'", upload.Error, StringComparison.Ordinal);
        Assert.Contains("of its 60 frames", upload.Error, StringComparison.Ordinal);
    }

    private string Folder(Project project) => Path.Combine(server.Data, "projects", project.Id);

    private async Task<(int Status, string Code)> PatchAsync(string path) => await CodeAsync(await server.Http.PatchAsJsonAsync($"api/{path}", new { name = "x" }));

    private static async Task<(int Status, string Code)> CodeAsync(HttpResponseMessage response) =>
        ((int)response.StatusCode, (string)(await response.Content.ReadFromJsonAsync<JsonNode>())!["code"]!);

    private async Task<Upload> AnnounceAsync(Project project, string name, byte[] bytes)
    {
        var response = await server.Http.PostAsJsonAsync($"api/projects/{project.Id}/uploads", new { name, size = bytes.Length, sha256 = Convert.ToHexString(SHA256.HashData(bytes)) });
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Upload>())!;
    }

    private async Task<HttpResponseMessage> SendAsync(Project project, Upload upload, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"api/projects/{project.Id}/uploads/{upload.Id}")
        {
            Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/offset+octet-stream") } },
            Headers = { { "Upload-Offset", "0" } },
        };
        return await server.Http.SendAsync(request);
    }
}
