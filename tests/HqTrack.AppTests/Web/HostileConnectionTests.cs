using System.Net.Sockets;
using System.Text;
using AnnotatorClient;

namespace HqTrack.AppTests.Web;

/// <summary>Other sites and hosts, and requests that break the protocol or its patience.</summary>
[Collection("torch")]
public sealed class HostileConnectionTests(AnnotatorServer server) : HostileRequests(server)
{
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
        header = header.Replace("{authority}", Server.Address.Authority, StringComparison.Ordinal);
        foreach (var request in (string[])[$"GET /api/projects/{Project.Id}/frames/0", "POST /api/projects", $"DELETE /api/projects/{Project.Id}", $"OPTIONS /api/projects", $"GET /api/projects/{Project.Id}/events"])
        {
            var (status, answer) = await RawRequest.SendAsync(Server.Address, $"{request} HTTP/1.1\nHost: {Server.Address.Authority}\n{header}\nContent-Type: application/json\nContent-Length: 12\nConnection: close\n\n{{\"name\":\"a\"}}");
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
        var (status, _) = await RawRequest.SendAsync(Server.Address, $"GET /api/projects HTTP/1.1\nHost: {host}\nConnection: close\n\n");
        Assert.Equal(421, status);
    }

    [Fact]
    public async Task The_own_page_may_ask()
    {
        var (status, _) = await RawRequest.GetAsync(Server.Address, "/api/projects", $"Origin: http://{Server.Address.Authority}\nSec-Fetch-Site: same-origin\n");
        Assert.Equal(200, status);
    }

    [Fact]
    public async Task A_second_host_or_a_broken_request_line_is_refused()
    {
        Assert.Equal(400, (await RawRequest.SendAsync(Server.Address, $"GET /healthz HTTP/1.1\nHost: {Server.Address.Authority}\nHost: evil.example\nConnection: close\n\n")).Status);
        Assert.Equal(400, (await RawRequest.SendAsync(Server.Address, $"GET /healthz\rX: y HTTP/1.1\nHost: {Server.Address.Authority}\n\n")).Status);
    }

    [Fact]
    public async Task Line_ends_in_headers_do_not_reach_the_log_or_the_answer()
    {
        var (status, answer) = await RawRequest.GetAsync(Server.Address, "/api/projects/a%0d%0aInjected:%20yes%0d%0a", "User-Agent: a\\r\\nInjected: log\u001b[31m\n");
        Assert.InRange(status, 400, 499);
        Assert.DoesNotContain("\nInjected:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Server.Log, line => line.Contains("\nInjected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_without_end_are_refused()
    {
        Assert.Equal(431, (await RawRequest.GetAsync(Server.Address, "/healthz", $"X: {new string('a', 1 << 20)}\n")).Status);
        Assert.Equal(431, (await RawRequest.GetAsync(Server.Address, "/healthz", string.Concat(Enumerable.Range(0, 500).Select(i => $"X{i}: a\n")))).Status);
    }

    [Fact]
    public async Task Headers_that_come_slowly_are_cut_off()
    {
        var start = DateTime.UtcNow;
        await RawRequest.SendAsync(Server.Address, $"GET /healthz HTTP/1.1\nHost: {new string('a', 200)}", TimeSpan.FromMilliseconds(100));
        Assert.True(DateTime.UtcNow - start < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_body_that_comes_slowly_is_cut_off()
    {
        var start = DateTime.UtcNow;
        var head = $"POST /api/projects HTTP/1.1\nHost: {Server.Address.Authority}\nContent-Type: application/json\nContent-Length: 100000\nConnection: close\n\n";
        using var client = new TcpClient();
        await client.ConnectAsync(Server.Address.Host, Server.Address.Port);
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
        var (status, _) = await RawRequest.SendAsync(Server.Address, $"{verb} /api/projects HTTP/1.1\nHost: {Server.Address.Authority}\nContent-Length: 0\nConnection: close\n\n");
        Assert.InRange(status, 400, 499);
    }
}
