using HqTrack.Media;
using HqTrack.Web.Security;

namespace HqTrack.AppTests.Web.Browser;

/// <summary>Hangfire's page of queues in a browser: behind the token, and with nothing refused that it needs.</summary>
[Collection("torch")]
public sealed class JobDashboardTests
{
    private const string Admin = "secret-of-an-administrator";
    private const string Edit = "secret-of-an-annotator";

    [Fact]
    public async Task The_page_of_queues_works_for_administrators_and_for_nobody_else()
    {
        await using var session = await BrowserSession.StartAsync(tokens: [AccessToken.Of("me", Role.Admin, Admin), AccessToken.Of("other", Role.Edit, Edit)]);
        var chromium = session.Chromium;
        Go("/jobs");
        Assert.Contains("token-missing", Text(), StringComparison.Ordinal);
        LogIn(Edit);
        Go("/jobs");
        Assert.Contains("role-too-low", Text(), StringComparison.Ordinal);
        LogIn(Admin);
        session.LogIn(Admin);
        var project = await session.OneFrameAsync();
        await session.Client.AddObjectAsync(project);
        await session.Client.PromptAsync(project, 0, 1, IndexedPng.EncodeGrey(session.Scene.Render(0).Labels));
        await session.Client.WaitAsync(project, (await session.Client.TrackAsync(project, 0)).Number);
        _ = chromium.Errors();

        Go("/jobs");
        chromium.Until("document.querySelector('#realtimeGraph canvas, canvas') && getComputedStyle(document.querySelector('.navbar')).position === 'fixed'");
        Go("/jobs/servers");
        chromium.Until("document.querySelectorAll('table tbody tr').length >= 2");
        Go("/jobs/jobs/succeeded");
        chromium.Until("document.querySelector('table tbody a[href*=\"/jobs/jobs/details/\"]')");
        chromium.Element("table tbody a[href*='/jobs/jobs/details/']").Click();
        chromium.Until("document.querySelector('.job-snippet, .state-card')");
        foreach (var page in (string[])["jobs/enqueued", "jobs/failed", "retries", "recurring"])
        {
            Go($"/jobs/{page}");
            chromium.Until("document.querySelector('.page-header')");
        }

        session.AssertClean();
        using var http = new HttpClient { BaseAddress = session.Address, DefaultRequestHeaders = { Authorization = new("Bearer", Admin) } };
        Assert.Equal(("script-src 'self'", "style-src 'self' 'unsafe-inline'"), await PolicyAsync(http, "/jobs"));
        Assert.Equal(("script-src 'self'", "style-src 'self'"), await PolicyAsync(http, "/"));

        void Go(string path) => chromium.Go(new(session.Address, path));
        string Text() => (string)chromium.Run("return document.body.innerText")!;
        void LogIn(string token)
        {
            Go("/");
            var answer = chromium.Await($"fetch('/api/session', {{ method: 'POST', headers: {{ 'content-type': 'application/json' }}, body: JSON.stringify({{ token: '{token}' }}) }}).then(answer => answer.status)");
            Assert.Equal(204L, answer);
        }
    }

    private static async Task<(string Scripts, string Styles)> PolicyAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        var parts = answer.Headers.GetValues("Content-Security-Policy").Single().Split("; ");
        return (parts.Single(part => part.StartsWith("script-src", StringComparison.Ordinal)), parts.Single(part => part.StartsWith("style-src", StringComparison.Ordinal)));
    }
}
