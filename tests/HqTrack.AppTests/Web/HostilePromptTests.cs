using System.Text;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;

namespace HqTrack.AppTests.Web;

/// <summary>Prompts and masks that cannot be meant.</summary>
[Collection("torch")]
public sealed class HostilePromptTests(AnnotatorServer server) : HostileRequests(server)
{
    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"points\":[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("{\"boxes\":[null]}")]
    [InlineData("{\"mask\":{\"size\":[80,112],\"counts\":\"0\"},\"points\":[null]}")]
    [InlineData("{\"points\":[{\"x\":1,\"y\":1,\"z\":1}]}")]
    public async Task Prompts_that_are_none_are_refused(string body)
    {
        var response = await Server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), new StringContent(body, Encoding.UTF8, "application/json"));
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
        await AssertRefusedAsync(await Server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), new StringContent($"{{\"mask\":{mask},{beside}}}", Encoding.UTF8, "application/json")), 422, "unusable");
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
        await AssertRefusedAsync(await Server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), new StringContent(body, Encoding.UTF8, "application/json")), 422, "unusable");

    [Fact]
    public async Task A_mask_that_inflates_without_end_is_cut_off()
    {
        var before = Environment.WorkingSet;
        using var content = new ByteArrayContent(Png(SmallClip.Width, SmallClip.Height, new byte[512 << 20])) { Headers = { ContentType = new("image/png") } };
        await AssertRefusedAsync(await Server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), content), 422, "unusable");
        Assert.True(Environment.WorkingSet < before + (1500L << 20)); // this process made the bomb itself: 512 MB
    }

    [Fact]
    public async Task A_mask_of_another_size_is_refused()
    {
        using var content = new ByteArrayContent(Png(30_000, 30_000, [])) { Headers = { ContentType = new("image/png") } };
        await AssertRefusedAsync(await Server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), content), 422, "unusable");
    }

    [Fact]
    public async Task A_picture_is_no_mask()
    {
        using var content = new ByteArrayContent(ImageFile.EncodePng(SmallClip.Draw(0, out _))) { Headers = { ContentType = new("image/png") } };
        await AssertRefusedAsync(await Server.Http.PutAsync(Api("projects/{id}/frames/0/prompts/1"), content), 422, "unusable");
    }
}
