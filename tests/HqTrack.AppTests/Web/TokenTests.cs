using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Tests.Media;
using HqTrack.Web;
using HqTrack.Web.Security;
using Microsoft.AspNetCore.Http;

namespace HqTrack.AppTests.Web;

/// <summary>Who may come in, and who may not.</summary>
[Collection("torch")]
public sealed class TokenTests(TokenTests.Guarded guarded) : IClassFixture<TokenTests.Guarded>, IDisposable
{
    private const string Read = "read-token-0123456789";
    private const string Edit = "edit-token-0123456789";
    private const string Admin = "admin-token-0123456789";

    private readonly TempFolder folder = new();
    private readonly HttpClient http = guarded.Http;

    /// <summary>A server with a token of each role.</summary>
    public sealed class Guarded : IAsyncLifetime
    {
        private readonly TempFolder folder = new();
        private readonly AnnotatorServer server = new();
        private WebServer? guarded;

        public HttpClient Http { get; private set; } = null!;

        public string Data => folder["data"];

        internal AnnotatorServer Open => server;

        public async ValueTask InitializeAsync()
        {
            await server.InitializeAsync();
            (guarded, Http) = await server.StartAsync(
                Data, null, [AccessToken.Of("reader", Role.Read, Read), AccessToken.Of("editor", Role.Edit, Edit), AccessToken.Of("boss", Role.Admin, Admin)]);
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await guarded!.DisposeAsync();
            await server.DisposeAsync();
            folder.Dispose();
        }
    }

    // After every case.
    public void Dispose()
    {
        folder.Dispose();
        Assert.DoesNotContain(guarded.Open.Log, line => line.Contains("-token-0123456789", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("Bearer", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("Bearer wrong-token-0123456789", 401)]
    [InlineData("Bearer read-token-012345678", 401)]
    [InlineData("Bearer read-token-01234567890", 401)]
    [InlineData("Bearer READ-TOKEN-0123456789", 401)]
    [InlineData("Basic cmVhZC10b2tlbi0wMTIzNDU2Nzg5", 401)]
    [InlineData("read-token-0123456789", 401)]
    [InlineData("Bearer read-token-0123456789", 200)]
    public async Task A_token_must_be_one_of_the_servers(string? header, int expected)
    {
        foreach (var path in (string[])["api/projects", "api/info", "openapi/v1.json", "metrics"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (header is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", header);
            }

            Assert.Equal(expected, (int)(await http.SendAsync(request)).StatusCode);
        }
    }

    [Theory]
    [InlineData("api/projects?token=read-token-0123456789")]
    [InlineData("api/projects?access_token=read-token-0123456789")]
    public async Task A_token_in_the_address_is_none(string path) => Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(path)).StatusCode);

    [Fact]
    public async Task The_page_and_the_checks_need_no_token()
    {
        Assert.Equal("ok", await http.GetStringAsync("healthz"));
        Assert.Contains("<html", await http.GetStringAsync(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Roles_may_what_they_say()
    {
        Assert.Equal(403, await StatusAsync(Read, HttpMethod.Post, "api/projects", new { name = "a" }));
        var client = new HqTrackClient(new HttpClient { BaseAddress = http.BaseAddress }, Edit);
        var project = await client.CreateProjectAsync("a");
        Assert.Equal(200, await StatusAsync(Read, HttpMethod.Get, $"api/projects/{project.Id}"));
        Assert.Equal(403, await StatusAsync(Read, HttpMethod.Post, $"api/projects/{project.Id}/undo"));
        Assert.Equal("role-too-low", (await Assert.ThrowsAsync<ApiException>(() => client.DeleteProjectAsync(project.Id))).Code);
        Assert.Equal(204, await StatusAsync(Admin, HttpMethod.Delete, $"api/projects/{project.Id}"));
    }

    [Fact]
    public async Task The_page_of_queues_is_for_administrators()
    {
        foreach (var path in (string[])["jobs", "jobs/servers", "jobs/jobs/enqueued"])
        {
            foreach (var (token, status) in ((string?, int)[])[(null, 401), (Read, 403), (Edit, 403), (Admin, 200)])
            {
                Assert.Equal(status, await StatusAsync(token, HttpMethod.Get, path));
            }
        }

        Assert.Equal(401, await StatusAsync(null, HttpMethod.Post, "jobs/jobs/enqueued/delete"));
        Assert.Equal(403, await StatusAsync(Edit, HttpMethod.Post, "jobs/jobs/enqueued/delete"));
    }

    [Fact]
    public async Task A_cookie_is_given_for_a_token_and_cannot_be_made_up()
    {
        Assert.Equal(401, await StatusAsync(null, HttpMethod.Post, "api/session", new { token = "wrong-token-0123456789" }));
        var given = await http.PostAsJsonAsync("api/session", new { token = Read });
        Assert.Equal(HttpStatusCode.NoContent, given.StatusCode);
        var header = Assert.Single(given.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", header, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", header, StringComparison.OrdinalIgnoreCase);
        var cookie = header.Split(';')[0].Split('=', 2)[1];
        Assert.Equal(200, await CookieStatusAsync(cookie, HttpMethod.Get));
        Assert.Equal(403, await CookieStatusAsync(cookie, HttpMethod.Post));
        var (until, number, signature) = (long.Parse(cookie.Split('.')[0]), cookie.Split('.')[1], cookie.Split('.')[2]);
        foreach (var forged in (string[])
            [$"{until + 3600}.{number}.{signature}", $"{until}.{number}x.{signature}", $"{until}.{signature}", $"{until}.{number}.{signature[..^1]}{(signature[^1] == 'A' ? 'B' : 'A')}", $"{until}.{number}.", $".{number}.{signature}", $"{cookie}.x", "admin", new string('9', 5000), $"-{cookie}"])
        {
            Assert.Equal(401, await CookieStatusAsync(forged, HttpMethod.Get));
        }
    }

    [Fact]
    public async Task A_cookie_that_was_logged_out_does_not_come_in_again()
    {
        var (one, other) = (await LogInAsync(), await LogInAsync());
        Assert.NotEqual(one, other);
        Assert.Equal(204, await CookieStatusAsync(one, HttpMethod.Delete, "api/session"));
        Assert.Equal(401, await CookieStatusAsync(one, HttpMethod.Get));
        Assert.Equal(200, await CookieStatusAsync(other, HttpMethod.Get));

        async Task<string> LogInAsync()
        {
            var given = await http.PostAsJsonAsync("api/session", new { token = Read });
            return Assert.Single(given.Headers.GetValues("Set-Cookie")).Split(';')[0].Split('=', 2)[1];
        }
    }

    [Fact]
    public void A_cookie_ends_with_its_time_and_with_its_token()
    {
        var clock = new Clock { Now = DateTimeOffset.UnixEpoch };
        var table = new TokenTable([AccessToken.Of("a", Role.Edit, Edit)], clock);
        var cookie = table.MakeCookie(Edit)!;
        Assert.Equal(Role.Edit, Identify(table, cookie)?.Role);
        clock.Now += TokenTable.CookieLife + TimeSpan.FromSeconds(1);
        Assert.Null(Identify(table, cookie));
        clock.Now = DateTimeOffset.UnixEpoch;
        Assert.Null(Identify(new TokenTable([AccessToken.Of("a", Role.Edit, "another-token-0123456789")], clock), cookie));

        static Caller? Identify(TokenTable table, string cookie)
        {
            var http = new DefaultHttpContext();
            http.Request.Headers.Cookie = $"{TokenTable.Cookie}={cookie}";
            return table.Identify(http.Request);
        }
    }

    [Fact]
    public async Task A_page_behind_a_proxy_with_tls_may_ask_by_the_name_that_was_allowed()
    {
        var (proxied, client) = await guarded.Open.StartAsync(folder["proxied"], allowed: ["annotate.example"]);
        await using var owned = proxied;
        using var own = client;
        foreach (var (host, origin, expected) in (IEnumerable<(string, string, int)>)
            [("annotate.example", "https://annotate.example", 200), ("annotate.example", "https://evil.example", 403), ("annotate.example", "http://annotate.example:81", 403), ("other.example", "https://annotate.example", 421)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/projects") { Headers = { Host = host } };
            request.Headers.TryAddWithoutValidation("Origin", origin);
            Assert.Equal(expected, (int)(await own.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task A_flood_is_slowed_down()
    {
        var (slow, client) = await guarded.Open.StartAsync(folder["slow"], new ServeLimits { RequestsPerSecond = 10 });
        await using var owned = slow;
        using var own = client;
        var statuses = new List<int>();
        for (var i = 0; i < 80; i++)
        {
            statuses.Add((int)(await own.GetAsync("healthz")).StatusCode);
        }

        Assert.Contains(429, statuses);
        await Task.Delay(1000);
        Assert.Equal("ok", await own.GetStringAsync("healthz"));
    }

    [Fact]
    public async Task Other_machines_need_a_token()
    {
        (await Hqtrack.RunAsync("serve", "--data", folder["other"], "--host", "0.0.0.0", "--port", "0")).AssertFails(ExitCode.Usage, "0.0.0.0", "--tokens");
        (await Hqtrack.RunAsync("serve", "--data", folder["other"], "--token", "short")).AssertFails(ExitCode.Failure, "5 characters", "16");
        (await Hqtrack.RunAsync("serve", "--data", folder["other"], "--token", "")).AssertFails(ExitCode.Failure, "0 characters", "16");
        (await Hqtrack.RunAsync("serve", "--data", folder["other"], "--tokens", folder["none.txt"])).AssertFails(ExitCode.Failure, "none.txt", "cannot be read");
        (await Hqtrack.RunAsync("serve", "--data", folder["other"], "--tokens", folder.Put("empty.txt", "# nobody yet\n"u8.ToArray()))).AssertFails(ExitCode.Failure, "empty.txt", "no token");
        (await Hqtrack.RunAsync("serve", "--data", guarded.Data, "--port", "0")).AssertFails(ExitCode.Failure, "served by another process");
        (await Hqtrack.RunAsync("serve", "--data", folder["other"], "--host", "example.org")).AssertFails(ExitCode.Usage, "example.org");
    }

    [Theory]
    [InlineData("read reader")]
    [InlineData("owner reader read-token-0123456789")]
    [InlineData("7 reader read-token-0123456789")]
    [InlineData("read reader short")]
    public void A_damaged_line_of_the_token_file_is_named(string line)
    {
        var path = folder.Put("tokens.txt", System.Text.Encoding.UTF8.GetBytes($"# tokens\nedit editor {Edit}\n{line}\n"));
        var refused = Assert.Throws<MediaException>(() => AccessToken.ReadFile(path));
        Assert.DoesNotContain("0123456789", refused.Message, StringComparison.Ordinal);
    }

    private async Task<int> StatusAsync(string? token, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return (int)(await http.SendAsync(request)).StatusCode;
    }

    private async Task<int> CookieStatusAsync(string cookie, HttpMethod method, string path = "api/projects")
    {
        using var own = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = http.BaseAddress };
        using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Post ? JsonContent.Create(new { name = "a" }) : null };
        request.Headers.TryAddWithoutValidation("Cookie", $"{TokenTable.Cookie}={cookie}");
        return (int)(await own.SendAsync(request)).StatusCode;
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
