using System.Net.Http.Headers;
using System.Text;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;

namespace HqTrack.AppTests.Web;

/// <summary>Documents that are none, or not of the kind that is taken.</summary>
[Collection("torch")]
public sealed class HostileBodyTests(AnnotatorServer server) : HostileRequests(server)
{
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
        await AssertRefusedAsync(await Server.Http.PostAsync(Api(path), new StringContent(body, Encoding.UTF8, "application/json")), 400, "invalid");

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=klingon")]
    public async Task Json_is_utf_8(string type)
    {
        using var content = new ByteArrayContent("{\"name\":\"a\"}"u8.ToArray()) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        await AssertRefusedAsync(await Server.Http.PostAsync(Api("projects"), content), 415, "content-type");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/xml")]
    public async Task Types_of_forms_are_no_json(string type)
    {
        using var content = new StringContent("{\"name\":\"a\"}");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        await AssertRefusedAsync(await Server.Http.PostAsync(Api("projects"), content), 415);
        using var image = new ByteArrayContent(ImageFile.EncodeJpeg(SmallClip.Draw(0, out _)));
        image.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        await AssertRefusedAsync(await Server.Http.PostAsync(Api("projects/{id}/frames"), image), 415, "content-type");
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused() =>
        await AssertRefusedAsync(await PostAsync("projects", new { name = new string('a', 2 << 20) }), 413, "too-large");

    [Fact]
    public async Task A_gzip_bomb_is_not_unpacked()
    {
        var bomb = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(bomb, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("{\"name\":\"" + new string('a', 1 << 26) + "\"}"));
        }

        using var content = new ByteArrayContent(bomb.ToArray()[..Math.Min((int)bomb.Length, 1 << 19)]) { Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } } };
        await AssertRefusedAsync(await Server.Http.PostAsync(Api("projects"), content), 400);
    }

    [Fact]
    public async Task Errors_carry_the_headers_of_every_answer()
    {
        var response = await Server.Http.GetAsync(Api("projects/nosuchproject"));
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
        var empty = await Server.Client.CreateProjectAsync("empty");
        await Server.Client.AddObjectAsync(empty.Id);
        Assert.Equal(expected, (int)(await Server.Http.GetAsync(Api($"projects/{empty.Id}/{path}"))).StatusCode);
    }
}
