using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AnnotatorClient;
using HqTrack.Media;

namespace HqTrack.AppTests.Web;

/// <summary>Requests that must not succeed. After each one the server answers as before, and nothing was made or read outside its data folder.</summary>
public abstract class HostileRequests(AnnotatorServer server) : IClassFixture<AnnotatorServer>, IAsyncLifetime
{
    private protected const string Secret = "the content of a file that no request may read";

    private protected AnnotatorServer Server => server;

    private protected Project Project { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(Server.Outside, "secret.txt"), Secret);
        Project = await Server.ClipAsync(1);
    }

    // After every case.
    public async ValueTask DisposeAsync()
    {
        Assert.Equal("ok", await Server.Http.GetStringAsync("healthz"));
        Assert.Equal(Project.Frames, (await Server.Client.GetProjectAsync(Project.Id)).Frames);
        Assert.Equal(["data", "secret.txt"], Directory.GetFileSystemEntries(Server.Outside).Select(Path.GetFileName).Where(name => name is not ("lite.safetensors" or "sam-lite.safetensors")).Order());
        Assert.Equal(["id", "projects", "serve.lock", "submit.lock"], Directory.GetFileSystemEntries(Server.Data).Select(Path.GetFileName).Where(name => name != "ready").Order());
        Assert.DoesNotContain(Server.Log, line => line.Contains(Secret, StringComparison.Ordinal) || line.Contains('\u001b'));
    }

    private protected static byte[] Png(int width, int height, byte[] pixels)
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

    private protected static async Task AssertRefusedAsync(HttpResponseMessage response, int status, string? code = null)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.True(code is null || code == (string?)problem["code"], problem.ToJsonString());
        Assert.DoesNotContain(Path.GetTempPath(), (string?)problem["detail"] ?? string.Empty, StringComparison.Ordinal);
    }

    private protected string Api(string path) => "api/" + path.TrimStart('/').Replace("{id}", Project.Id, StringComparison.Ordinal);

    private protected Task<HttpResponseMessage> PostAsync(string path, object body) => Server.Http.PostAsJsonAsync(Api(path), body);

    private protected Task<HttpResponseMessage> PostImageAsync(byte[] bytes, string type) =>
        Server.Http.PostAsync(Api("projects/{id}/frames?name=x"), new ByteArrayContent(bytes) { Headers = { ContentType = new(type) } });

    private protected async Task<Upload> AnnounceAsync(string name, byte[] bytes)
    {
        var response = await PostAsync("projects/{id}/uploads", new { name, size = bytes.Length, sha256 = Convert.ToHexString(SHA256.HashData(bytes)) });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<Upload>())!;
    }

    private protected async Task<HttpResponseMessage> SendAsync(Upload upload, long offset, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, Api($"projects/{{id}}/uploads/{upload.Id}"))
        {
            Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/offset+octet-stream") } },
            Headers = { { "Upload-Offset", $"{offset}" } },
        };
        return await Server.Http.SendAsync(request);
    }

    // Waits until the upload has failed, as it must.
    private protected async Task<string> FailureAsync(Upload upload)
    {
        for (var i = 0; i < 300; i++)
        {
            var now = (await Server.Http.GetFromJsonAsync<Upload>(Api($"projects/{{id}}/uploads/{upload.Id}")))!;
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
