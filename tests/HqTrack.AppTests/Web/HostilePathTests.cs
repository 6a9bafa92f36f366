using System.Net;
using System.Net.Sockets;
using System.Text;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;

namespace HqTrack.AppTests.Web;

/// <summary>Paths and names that are to lead somewhere else.</summary>
[Collection("torch")]
public sealed class HostilePathTests(AnnotatorServer server) : HostileRequests(server)
{
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
        var (status, answer) = await RawRequest.GetAsync(Server.Address, target.Replace("{id}", Project.Id, StringComparison.Ordinal));
        Assert.InRange(status, 400, 499);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Project.create", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../../evil.jpg")]
    [InlineData("..\\..\\evil.jpg")]
    [InlineData("/etc/cron.d/evil.jpg")]
    [InlineData("C:\\evil.jpg")]
    public async Task Names_of_files_lose_their_folders(string name)
    {
        var other = await Server.Client.CreateProjectAsync("names");
        var upload = await Server.Client.AddImageAsync(other.Id, name, ImageFile.EncodeJpeg(SmallClip.Draw(0, out _)), "image/jpeg");
        Assert.Equal("evil.jpg", upload.Name);
        await AssertRefusedAsync(await PostAsync($"projects/{Project.Id}/uploads", new { name = name + "/..", size = 5, sha256 = new string('0', 64) }), 400, "invalid");
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
            .Replace("{secret}", Path.Combine(Server.Outside, "secret.txt"), StringComparison.Ordinal));
        var upload = await AnnounceAsync(name, bytes);
        (await SendAsync(upload, 0, bytes)).EnsureSuccessStatusCode();
        Assert.DoesNotContain(Secret, await FailureAsync(upload), StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }
}
