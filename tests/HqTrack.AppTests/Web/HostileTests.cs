using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;

namespace HqTrack.AppTests.Web;

/// <summary>Requests that must not succeed. After each one the server answers as before, and nothing was made or read outside its data folder.</summary>
[Collection("torch")]
public sealed class HostileTests(AnnotatorServer server) : IClassFixture<AnnotatorServer>, IAsyncLifetime
{
    private const string Secret = "the content of a file that no request may read";

    private Project project = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(server.Outside, "secret.txt"), Secret);
        project = await server.ClipAsync(1);
    }

    // After every case.
    public async ValueTask DisposeAsync()
    {
        Assert.Equal("ok", await server.Http.GetStringAsync("healthz"));
        Assert.Equal(project.Frames, (await server.Client.GetProjectAsync(project.Id)).Frames);
        Assert.Equal(["data", "secret.txt"], Directory.GetFileSystemEntries(server.Outside).Select(Path.GetFileName).Where(name => name is not ("lite.safetensors" or "sam-lite.safetensors")).Order());
        Assert.Equal(["id", "projects", "serve.lock", "submit.lock"], Directory.GetFileSystemEntries(server.Data).Select(Path.GetFileName).Where(name => name != "ready").Order());
        Assert.DoesNotContain(server.Log, line => line.Contains(Secret, StringComparison.Ordinal) || line.Contains('\u001b'));
    }

    [Theory]
    [InlineData("/api/projects/../../../secret.txt")]
    [InlineData("/api/projects/..%2f..%2fsecret.txt")]
    [InlineData("/api/projects/%2e%2e%2f%2e%2e%2fsecret.txt")]
    [InlineData("/api/projects/..%5c..%5csecret.txt")]
    [InlineData("/api/projects/%c0%ae%c0%ae%c0%afsecret.txt")]
    [InlineData("/api/projects/aaaaaaaaaaa%00")]
    [InlineData("/api/projects/%252e%252e%252fsecret.txt")]
    [InlineData("/api/projects/%ef%bc%8e%ef%bc%8e%ef%bc%8fsecret.txt")]
    [InlineData("/api/projects/{id}/exports/CON/file")]
    [InlineData("/api/projects/{id}/exports/..%252f..%252fjournal.jsonl/file")]
    [InlineData("/api/projects/{id}/frames/2147483648/mask")]
    [InlineData("/api/projects/{id}/tracking/-2147483649")]
    [InlineData("/api/projects/{id}/frames/..%2f..%2fjournal.jsonl")]
    [InlineData("/api/projects/{id}/frames/0%2f..%2f..%2fjournal.jsonl")]
    [InlineData("/api/projects/{id}/frames/-1")]
    [InlineData("/api/projects/{id}/frames/99999999999999999999")]
    [InlineData("/api/projects/{id}/frames/0?width=../../etc/passwd")]
    [InlineData("/api/projects/{id}/uploads/..%2fjournal.jsonl")]
    [InlineData("/api/projects/{id}/exports/..%2f..%2f..%2fsecret/file")]
    [InlineData("/api/projects/{id}/exports/../../journal.jsonl/file")]
    [InlineData("/api/projects/{id}/tracking/..%2f..%2fjournal")]
    [InlineData("/api/projects/{id}/../../serve.lock")]
    [InlineData("/..%2f..%2fsecret.txt")]
    [InlineData("/../../../../etc/passwd")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/index.html/../../secret.txt")]
    [InlineData("/wwwroot/index.html")]
    [InlineData("/file:///etc/passwd")]
    public async Task Paths_lead_nowhere(string target)
    {
        var (status, answer) = await RawRequest.GetAsync(server.Address, target.Replace("{id}", project.Id, StringComparison.Ordinal));
        Assert.InRange(status, 400, 499);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("project.create", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../../evil.jpg")]
    [InlineData("..\\..\\evil.jpg")]
    [InlineData("/etc/cron.d/evil.jpg")]
    [InlineData("C:\\evil.jpg")]
    public async Task Names_of_files_lose_their_folders(string name)
    {
        var other = await server.Client.CreateProjectAsync("names");
        var upload = await server.Client.AddImageAsync(other.Id, name, ImageFile.EncodeJpeg(SmallClip.Draw(0, out _)), "image/jpeg");
        Assert.Equal("evil.jpg", upload.Name);
        await AssertRefusedAsync(await PostAsync($"projects/{project.Id}/uploads", new { name = name + "/..", size = 5, sha256 = new string('0', 64) }), 400, "invalid");
    }

    [Theory]
    [InlineData("projects", "{\"name\":\"a\\r\\nSet-Cookie: x=1\"}")]
    [InlineData("projects", "{\"name\":\"a\\u001b[2Jb\"}")]
    [InlineData("projects", "{\"name\":\"a\\u202eb\"}")]
    [InlineData("projects", "{\"name\":\"a\\ud800\"}")]
    [InlineData("projects", "{\"name\":\"\"}")]
    [InlineData("projects", "{\"name\":null}")]
    [InlineData("projects", "{\"name\":[\"a\"]}")]
    [InlineData("projects", "{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("projects", "{\"name\":\"a\",\"admin\":true}")]
    [InlineData("projects", "{\"name\":\"a\"")]
    [InlineData("projects", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    [InlineData("projects/{id}/uploads", "{\"name\":\"a.mp4\",\"size\":5,\"sha256\":\"../../../../../../../../../../../../../../../../etc/passwd0000000\"}")]
    [InlineData("projects/{id}/uploads", "{\"name\":\"a.mp4\",\"size\":-1,\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"}")]
    [InlineData("projects/{id}/exports", "{\"format\":\"../../secret\"}")]
    [InlineData("projects/{id}/tracking", "{\"from\":0,\"direction\":\"forward; rm -rf /\"}")]
    [InlineData("projects/{id}/tracking", "{\"from\":0.5,\"direction\":\"forward\"}")]
    [InlineData("projects/{id}/objects", "{\"color\":\"red;background:url(http://evil)\"}")]
    [InlineData("projects/{id}/frames/0/preview", "{\"points\":[{\"x\":NaN,\"y\":0}]}")]
    [InlineData("projects/{id}/frames/0/preview", "{\"points\":[{\"x\":\"1\",\"y\":0}]}")]
    [InlineData("projects/{id}/frames/0/preview", "{\"points\":[null]}")]
    [InlineData("projects/{id}/frames/0/preview", "{\"boxes\":[null]}")]
    [InlineData("projects/{id}/tracking", "{\"from\":0,\"direction\":\"forward\",\"to\":2147483648}")]
    [InlineData("projects/{id}/tracking", "{\"from\":0,\"direction\":\"forward\",\"objects\":[1e99]}")]
    public async Task Bodies_that_are_wrong_are_refused(string path, string body) =>
        await AssertRefusedAsync(await server.Http.PostAsync(Api(path), new StringContent(body, Encoding.UTF8, "application/json")), 400, "invalid");

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"points\":[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("{\"boxes\":[null]}")]
    [InlineData("{\"mask\":{\"size\":[80,112],\"counts\":\"0\"},\"points\":[null]}")]
    [InlineData("{\"points\":[{\"x\":1,\"y\":1,\"z\":1}]}")]
    public async Task Prompts_that_are_none_are_refused(string body)
    {
        var response = await server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.DoesNotContain("HqTrack.Web", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await AssertRefusedAsync(response, 400, "invalid");
    }

    [Theory]
    [InlineData("\"points\":[{\"x\":1e300,\"y\":0}]")]
    [InlineData("\"points\":[{\"x\":1e999,\"y\":0}]")]
    [InlineData("\"boxes\":[{\"x\":-1,\"y\":2147483647,\"width\":-5,\"height\":0}]")]
    [InlineData(null)]
    public async Task What_is_kept_beside_a_mask_must_be_such_as_could_be_meant(string? beside)
    {
        beside ??= $"\"points\":[{string.Join(',', Enumerable.Repeat("{\"x\":1,\"y\":1}", 65))}]";
        var mask = System.Text.Json.JsonSerializer.Serialize(AnnotatorServer.Square(0, 1), System.Text.Json.JsonSerializerOptions.Web);
        await AssertRefusedAsync(await server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), new StringContent($"{{\"mask\":{mask},{beside}}}", Encoding.UTF8, "application/json")), 422, "unusable");
    }

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=klingon")]
    public async Task Json_is_utf_8(string type)
    {
        using var content = new ByteArrayContent("{\"name\":\"a\"}"u8.ToArray()) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        await AssertRefusedAsync(await server.Http.PostAsync(Api("projects"), content), 415, "content-type");
    }

    [Fact]
    public async Task Errors_carry_the_headers_of_every_answer()
    {
        var response = await server.Http.GetAsync(Api("projects/nosuchproject"));
        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.StartsWith("default-src 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tracks?from=-1", 404)]
    [InlineData("tracks?from=5", 404)]
    [InlineData("tracks?from=2147483648", 400)]
    [InlineData("tracks", 200)]
    public async Task A_project_without_frames_has_no_tracks(string path, int expected)
    {
        var empty = await server.Client.CreateProjectAsync("empty");
        await server.Client.AddObjectAsync(empty.Id);
        Assert.Equal(expected, (int)(await server.Http.GetAsync(Api($"projects/{empty.Id}/{path}"))).StatusCode);
    }

    [Fact]
    public async Task One_image_sent_many_times_at_once_is_one_frame()
    {
        var other = await server.Client.CreateProjectAsync("at once");
        var image = ImageFile.EncodeJpeg(SmallClip.Draw(0, out _));
        var uploads = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.Client.AddImageAsync(other.Id, "a.jpg", image, "image/jpeg")));
        Assert.All(uploads, upload => Assert.Equal(("done", 0), (upload.State, upload.First)));
        Assert.Equal(1, (await server.Client.GetProjectAsync(other.Id)).Frames.Count);
    }

    [Fact]
    public async Task A_file_under_way_is_not_thrown_away_by_one_of_another_length()
    {
        var upload = await AnnounceAsync("twice.mp4", new byte[100]);
        (await SendAsync(upload, 0, new byte[60])).EnsureSuccessStatusCode();
        await AssertRefusedAsync(await PostAsync("projects/{id}/uploads", new { name = "twice.mp4", size = 101, sha256 = Convert.ToHexString(SHA256.HashData(new byte[100])) }), 409, "upload-busy");
        Assert.Equal(60, (await server.Http.GetFromJsonAsync<Upload>(Api($"projects/{{id}}/uploads/{upload.Id}")))!.Offset);
    }

    [Theory]
    [InlineData("{\"points\":[{\"x\":1e300,\"y\":0}]}")]
    [InlineData("{\"points\":[{\"x\":-1,\"y\":0}]}")]
    [InlineData("{\"points\":[]}")]
    [InlineData("{\"boxes\":[{\"x\":0,\"y\":0,\"width\":2147483647,\"height\":2147483647}]}")]
    [InlineData("{\"boxes\":[{\"x\":2147483647,\"y\":1,\"width\":2,\"height\":2}]}")]
    [InlineData("{\"mask\":{\"size\":[80,112],\"counts\":\"~~~~\"}}")]
    [InlineData("{\"mask\":{\"size\":[80,112],\"counts\":\"oooooooooooooooooooooooooooo\"}}")]
    [InlineData("{\"mask\":{\"size\":[65535,65535],\"counts\":\"0\"}}")]
    [InlineData("{\"mask\":{\"size\":[-80,-112],\"counts\":\"0\"}}")]
    public async Task Prompts_that_cannot_be_meant_are_refused(string body) =>
        await AssertRefusedAsync(await server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), new StringContent(body, Encoding.UTF8, "application/json")), 422, "unusable");

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/xml")]
    public async Task Types_of_forms_are_no_json(string type)
    {
        using var content = new StringContent("{\"name\":\"a\"}");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        await AssertRefusedAsync(await server.Http.PostAsync(Api("projects"), content), 415);
        using var image = new ByteArrayContent(ImageFile.EncodeJpeg(SmallClip.Draw(0, out _)));
        image.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        await AssertRefusedAsync(await server.Http.PostAsync(Api("projects/{id}/frames"), image), 415, "content-type");
    }

    [Fact]
    public async Task A_gzip_bomb_is_not_unpacked()
    {
        var bomb = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(bomb, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("{\"name\":\"" + new string('a', 1 << 26) + "\"}"));
        }

        using var content = new ByteArrayContent(bomb.ToArray()[..Math.Min((int)bomb.Length, 1 << 19)]) { Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } } };
        await AssertRefusedAsync(await server.Http.PostAsync(Api("projects"), content), 400);
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused() =>
        await AssertRefusedAsync(await PostAsync("projects", new { name = new string('a', 2 << 20) }), 413, "too-large");

    [Fact]
    public async Task A_length_that_is_announced_too_long_is_refused_before_it_comes()
    {
        var (status, _) = await RawRequest.SendAsync(server.Address, $"POST /{Api("projects/{id}/frames")} HTTP/1.1\nHost: {server.Address.Authority}\nContent-Type: image/jpeg\nContent-Length: 1099511627776\nConnection: close\n\nx");
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
    public async Task A_mask_that_inflates_without_end_is_cut_off()
    {
        var before = Environment.WorkingSet;
        using var content = new ByteArrayContent(Png(SmallClip.Width, SmallClip.Height, new byte[512 << 20])) { Headers = { ContentType = new("image/png") } };
        await AssertRefusedAsync(await server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), content), 422, "unusable");
        Assert.True(Environment.WorkingSet < before + (1500L << 20)); // this process made the bomb itself: 512 MB
    }

    [Fact]
    public async Task A_mask_of_another_size_is_refused()
    {
        using var content = new ByteArrayContent(Png(30_000, 30_000, [])) { Headers = { ContentType = new("image/png") } };
        await AssertRefusedAsync(await server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), content), 422, "unusable");
    }

    [Fact]
    public async Task A_picture_is_no_mask()
    {
        using var content = new ByteArrayContent(ImageFile.EncodePng(SmallClip.Draw(0, out _))) { Headers = { ContentType = new("image/png") } };
        await AssertRefusedAsync(await server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), content), 422, "unusable");
    }

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
        await PostImageAsync(Encoding.UTF8.GetBytes($"<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY x SYSTEM \"file://{server.Outside}/secret.txt\">]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&x;</text></svg>"), "image/png"), 422, "unusable");

    [Fact]
    public async Task A_jpeg_that_is_cut_short_is_refused() =>
        await AssertRefusedAsync(await PostImageAsync(ImageFile.EncodeJpeg(SmallClip.Draw(0, out _))[..800], "image/jpeg"), 422, "unusable");

    // Server-side requests: each would make the server ask the listener for something.
    [Theory]
    [InlineData("clip.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n")]
    [InlineData("clip.ffconcat", "ffconcat version 1.0\nfile '{url}'\n")]
    [InlineData("local.ffconcat", "ffconcat version 1.0\nfile '{secret}'\n")]
    [InlineData("clip.mpd", "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>")]
    [InlineData("clip.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n")]
    [InlineData("clip.asx", "<asx version=\"3.0\"><entry><ref href=\"{url}\"/></entry></asx>")]
    [InlineData("clip.mp4", "{url}\n")]
    public async Task Playlists_fetch_nothing(string name, string content)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var bytes = Encoding.UTF8.GetBytes(content
            .Replace("{url}", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/x.mp4", StringComparison.Ordinal)
            .Replace("{secret}", Path.Combine(server.Outside, "secret.txt"), StringComparison.Ordinal));
        var upload = await AnnounceAsync(name, bytes);
        (await SendAsync(upload, 0, bytes)).EnsureSuccessStatusCode();
        Assert.DoesNotContain(Secret, await FailureAsync(upload), StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Theory]
    [InlineData("http://127.0.0.1:{port}/x.mp4")]
    [InlineData("concat:http://127.0.0.1:{port}/x.mp4|b")]
    [InlineData("-i http://127.0.0.1:{port}/x.mp4")]
    [InlineData("$(curl 127.0.0.1:{port})")]
    [InlineData("`curl 127.0.0.1:{port}`;.mp4")]
    public async Task Names_are_neither_addresses_nor_commands(string name)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var upload = await AnnounceAsync(name.Replace("{port}", $"{((IPEndPoint)listener.LocalEndpoint).Port}", StringComparison.Ordinal), [1, 2, 3, 4]);
        (await SendAsync(upload, 0, [1, 2, 3, 4])).EnsureSuccessStatusCode();
        await FailureAsync(upload);
        Assert.False(listener.Pending());
    }

    [Theory]
    [InlineData("Origin: http://evil.example", 403)]
    [InlineData("Origin: null", 403)]
    [InlineData("Origin: http://localhost.evil.example", 403)]
    [InlineData("Origin: https://{authority}", 403)]
    [InlineData("Origin: http://127.0.0.1:1", 403)]
    [InlineData("Sec-Fetch-Site: cross-site", 403)]
    [InlineData("Sec-Fetch-Site: same-site", 403)]
    [InlineData("Origin: http://{authority}\nSec-Fetch-Site: cross-site", 403)]
    public async Task Other_sites_cannot_ask(string header, int expected)
    {
        header = header.Replace("{authority}", server.Address.Authority, StringComparison.Ordinal);
        foreach (var request in (string[])[$"GET /api/projects/{project.Id}/frames/0", "POST /api/projects", $"DELETE /api/projects/{project.Id}", $"OPTIONS /api/projects", $"GET /api/projects/{project.Id}/events"])
        {
            var (status, answer) = await RawRequest.SendAsync(server.Address, $"{request} HTTP/1.1\nHost: {server.Address.Authority}\n{header}\nContent-Type: application/json\nContent-Length: 12\nConnection: close\n\n{{\"name\":\"a\"}}");
            Assert.Equal(expected, status);
            Assert.DoesNotContain("Access-Control-Allow", answer, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("evil.example:80")]
    public async Task Other_hosts_are_not_answered(string host)
    {
        var (status, _) = await RawRequest.SendAsync(server.Address, $"GET /api/projects HTTP/1.1\nHost: {host}\nConnection: close\n\n");
        Assert.Equal(421, status);
    }

    [Fact]
    public async Task The_own_page_may_ask()
    {
        var (status, _) = await RawRequest.GetAsync(server.Address, "/api/projects", $"Origin: http://{server.Address.Authority}\nSec-Fetch-Site: same-origin\n");
        Assert.Equal(200, status);
    }

    [Fact]
    public async Task A_second_host_or_a_broken_request_line_is_refused()
    {
        Assert.Equal(400, (await RawRequest.SendAsync(server.Address, $"GET /healthz HTTP/1.1\nHost: {server.Address.Authority}\nHost: evil.example\nConnection: close\n\n")).Status);
        Assert.Equal(400, (await RawRequest.SendAsync(server.Address, $"GET /healthz\rX: y HTTP/1.1\nHost: {server.Address.Authority}\n\n")).Status);
    }

    [Fact]
    public async Task Line_ends_in_headers_do_not_reach_the_log_or_the_answer()
    {
        var (status, answer) = await RawRequest.GetAsync(server.Address, "/api/projects/a%0d%0aInjected:%20yes%0d%0a", "User-Agent: a\\r\\nInjected: log\u001b[31m\n");
        Assert.InRange(status, 400, 499);
        Assert.DoesNotContain("\nInjected:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Log, line => line.Contains("\nInjected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_without_end_are_refused()
    {
        Assert.Equal(431, (await RawRequest.GetAsync(server.Address, "/healthz", $"X: {new string('a', 1 << 20)}\n")).Status);
        Assert.Equal(431, (await RawRequest.GetAsync(server.Address, "/healthz", string.Concat(Enumerable.Range(0, 500).Select(i => $"X{i}: a\n")))).Status);
    }

    [Fact]
    public async Task Headers_that_come_slowly_are_cut_off()
    {
        var start = DateTime.UtcNow;
        await RawRequest.SendAsync(server.Address, $"GET /healthz HTTP/1.1\nHost: {new string('a', 200)}", TimeSpan.FromMilliseconds(100));
        Assert.True(DateTime.UtcNow - start < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_body_that_comes_slowly_is_cut_off()
    {
        var start = DateTime.UtcNow;
        var head = $"POST /api/projects HTTP/1.1\nHost: {server.Address.Authority}\nContent-Type: application/json\nContent-Length: 100000\nConnection: close\n\n";
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n") + "{\"name\":"));
        var answer = new byte[4096];
        var read = await stream.ReadAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(read == 0 || Encoding.ASCII.GetString(answer, 0, read).StartsWith("HTTP/1.1 408", StringComparison.Ordinal));
        Assert.True(DateTime.UtcNow - start < TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("CONNECT")]
    [InlineData("PROPFIND")]
    [InlineData("PUT")]
    public async Task Other_verbs_are_refused(string verb)
    {
        var (status, _) = await RawRequest.SendAsync(server.Address, $"{verb} /api/projects HTTP/1.1\nHost: {server.Address.Authority}\nContent-Length: 0\nConnection: close\n\n");
        Assert.InRange(status, 400, 499);
    }

    private static byte[] Png(int width, int height, byte[] pixels)
    {
        var png = new MemoryStream();
        png.Write(PngHeader.Signature);
        Chunk(png, "IHDR", [.. BigEndian(width), .. BigEndian(height), 8, 0, 0, 0, 0]);
        var data = new MemoryStream();
        using (var deflate = new System.IO.Compression.ZLibStream(data, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(pixels);
        }

        Chunk(png, "IDAT", data.ToArray());
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    private static void Chunk(MemoryStream png, string type, byte[] content)
    {
        var name = Encoding.ASCII.GetBytes(type);
        png.Write([.. BigEndian(content.Length), .. name, .. content, .. BigEndian((int)Crc32.Compute(name, content))]);
    }

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static async Task AssertRefusedAsync(HttpResponseMessage response, int status, string? code = null)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.True(code is null || code == (string?)problem["code"], problem.ToJsonString());
        Assert.DoesNotContain(Path.GetTempPath(), (string?)problem["detail"] ?? string.Empty, StringComparison.Ordinal);
    }

    private string Api(string path) => "api/" + path.TrimStart('/').Replace("{id}", project.Id, StringComparison.Ordinal);

    private Task<HttpResponseMessage> PostAsync(string path, object body) => server.Http.PostAsJsonAsync(Api(path), body);

    private Task<HttpResponseMessage> PostImageAsync(byte[] bytes, string type) =>
        server.Http.PostAsync(Api("projects/{id}/frames?name=x"), new ByteArrayContent(bytes) { Headers = { ContentType = new(type) } });

    private async Task<Upload> AnnounceAsync(string name, byte[] bytes)
    {
        var response = await PostAsync("projects/{id}/uploads", new { name, size = bytes.Length, sha256 = Convert.ToHexString(SHA256.HashData(bytes)) });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<Upload>())!;
    }

    private async Task<HttpResponseMessage> SendAsync(Upload upload, long offset, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, Api($"projects/{{id}}/uploads/{upload.Id}"))
        {
            Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/offset+octet-stream") } },
            Headers = { { "Upload-Offset", $"{offset}" } },
        };
        return await server.Http.SendAsync(request);
    }

    // Waits until the upload has failed, as it must.
    private async Task<string> FailureAsync(Upload upload)
    {
        for (var i = 0; i < 300; i++)
        {
            var now = (await server.Http.GetFromJsonAsync<Upload>(Api($"projects/{{id}}/uploads/{upload.Id}")))!;
            if (now.State is "failed" or "done")
            {
                Assert.Equal("failed", now.State);
                return now.Error!;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException("the upload was not decoded in 15 s");
    }
}
