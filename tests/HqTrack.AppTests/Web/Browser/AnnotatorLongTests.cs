using HqTrack.Media;
using HqTrack.Web.Security;
using OpenQA.Selenium;

namespace HqTrack.AppTests.Web.Browser;

/// <summary>The page when things are otherwise: a newcomer, a server that goes away, no mouse, a token, a phone.</summary>
[Collection("torch")]
[Trait("Category", "Long")]
public sealed class AnnotatorLongTests
{
    private const string Secret = "a-secret-of-this-test";

    [Fact(Explicit = true)]
    public async Task A_newcomer_sees_the_example_without_a_click()
    {
        await using var session = await BrowserSession.StartAsync(example: true);
        var chromium = session.Chromium;
        chromium.Until("!document.getElementById('editor').hidden && document.getElementById('project-name').value === 'Example: toys'", 120);
        chromium.Until("[...document.querySelectorAll('.object-state')].filter(state => state.textContent === 'Set by hand').length === 3 || !document.getElementById('track-running').hidden", 60);
        chromium.Until("document.getElementById('track').getAttribute('aria-valuenow') > 3", 60); // shown as it is tracked
        Axe.AssertGood(chromium, "the example while it is tracked");
        chromium.Element("#stop").Click();
        chromium.Until("document.getElementById('track-running').hidden", 30);
        chromium.Run("location.hash = '#/'");
        chromium.Until("document.querySelectorAll('.project').length === 1");
        chromium.Go(session.Address);
        chromium.Until("document.querySelectorAll('.project').length === 1"); // the second visit begins with the list
        session.AssertClean();
    }

    [Fact(Explicit = true)]
    public async Task What_is_drawn_and_dropped_while_the_server_is_away_is_there_when_it_is_back()
    {
        await using var session = await BrowserSession.StartAsync();
        var (page, chromium) = (session.Page, session.Chromium);
        var project = await OneFrameAsync(session);
        page.Choose("brush");
        page.SetBrush(20);
        page.Drag((40, 40), (80, 40));
        page.WaitForSaved();
        await session.StopAsync();
        chromium.Until("document.getElementById('saved').dataset.state === 'away'");
        page.Drag((40, 80), (80, 80));
        chromium.Until("document.getElementById('saved').textContent === 'Reconnecting; 1 edit kept'");
        session.WriteClip();
        page.Drop(session.Clip);
        chromium.Until("document.querySelector('.card-state')?.textContent === 'Waiting for the server'");
        Axe.AssertGood(chromium, "the server is away");

        await session.StartAgainAsync();
        page.WaitForFrames(1 + BrowserSession.Frames);
        page.WaitForSaved();
        var entry = Assert.Single(await session.Client.GetFrameObjectsAsync(project, 0, masks: true));
        var mask = Rle.Parse(entry.Mask!.Counts, BrowserSession.Width, BrowserSession.Height).ToPixels();
        Assert.True(mask[(40 * BrowserSession.Width) + 60] == 1 && mask[(80 * BrowserSession.Width) + 60] == 1);
        page.Seek(20); // and the page goes on
        Assert.Empty(chromium.Run("return [...document.querySelectorAll('.card.failed')]") as IReadOnlyCollection<object> ?? []);
    }

    [Fact(Explicit = true)]
    public async Task An_object_is_drawn_erased_named_and_locked_without_a_mouse()
    {
        await using var session = await BrowserSession.StartAsync();
        var (page, chromium, client) = (session.Page, session.Chromium, session.Client);
        var project = await OneFrameAsync(session);
        chromium.Press("b");
        Dab(Keys.ArrowRight);
        page.WaitForSaved();
        var drawn = Assert.Single(await client.GetFrameObjectsAsync(project, 0));
        Assert.InRange(drawn.Area, 50, 400);
        Dab(Keys.ArrowUp);
        page.WaitForSaved();
        var more = Assert.Single(await client.GetFrameObjectsAsync(project, 0));
        Assert.True(more.Area > drawn.Area);
        chromium.Press("e");
        chromium.Press("]]");
        Dab(Keys.ArrowDown);
        page.WaitForSaved();
        var less = Assert.Single(await client.GetFrameObjectsAsync(project, 0));
        Assert.True(less.Area < more.Area);
        chromium.Press("L");
        page.WaitForSaved();
        Assert.True(Assert.Single(await client.ListObjectsAsync(project)).Locked);
        Dab(Keys.ArrowDown);
        chromium.Until("document.getElementById('stage-line').textContent.includes('Object 1 is locked.')");
        Assert.Equal(less.Area, Assert.Single(await client.GetFrameObjectsAsync(project, 0)).Area);
        session.AssertClean();

        void Dab(string way)
        {
            chromium.Press(Keys.Alt + way + Keys.Null);
            chromium.Press(Keys.Alt + Keys.Enter + Keys.Null);
        }
    }

    [Fact(Explicit = true)]
    public async Task A_token_is_asked_for_and_a_reader_looks_but_cannot_change()
    {
        await using var session = await BrowserSession.StartAsync(tokens: [AccessToken.Of("reviewer", Role.Read, Secret), AccessToken.Of("me", Role.Admin, Secret + "-admin")]);
        var chromium = session.Chromium;
        session.LogIn(Secret + "-admin");
        var project = (await session.Client.CreateProjectAsync("secret")).Id;
        await session.Client.AddImageAsync(project, "0.png", ImageFile.EncodePng(session.Scene.Render(0).Frame), "image/png");
        chromium.Until("document.getElementById('login-dialog').open");
        Axe.AssertGood(chromium, "the log-in");
        chromium.Element("#token").SendKeys("wrong, but long enough" + Keys.Enter);
        chromium.Until("document.getElementById('login-line').textContent.includes('token')");
        chromium.Element("#token").SendKeys(Keys.Control + "a");
        chromium.Element("#token").SendKeys(Secret + Keys.Enter);
        chromium.Until("!document.getElementById('editor').hidden"); // the only project, at the first visit
        session.Page.WaitForFrames(1);
        chromium.Until("getComputedStyle(document.getElementById('tools')).display === 'none' && document.getElementById('undo').disabled");
        chromium.Press("b");
        session.Page.Drag((40, 40), (80, 40));
        chromium.Until("document.getElementById('stage-line').textContent.includes('role “read”')");
        Assert.Empty(await session.Client.ListObjectsAsync(project));
        Axe.AssertGood(chromium, "a reader");
    }

    [Theory(Explicit = true)]
    [InlineData("light", 1400, 900)]
    [InlineData("dark", 1400, 900)]
    [InlineData("light", 390, 844)]
    [InlineData("dark", 390, 844)]
    public async Task No_state_keeps_people_out(string scheme, int width, int height)
    {
        await using var session = await BrowserSession.StartAsync(refiner: "there are no such weights.safetensors"); // so that points have to wait
        var (page, chromium, client) = (session.Page, session.Chromium, session.Client);
        chromium.Command("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 500 });
        chromium.Command("Emulation.setEmulatedMedia", new() { ["features"] = new[] { new Dictionary<string, object> { ["name"] = "prefers-color-scheme", ["value"] = scheme } } });
        var project = await OneFrameAsync(session);
        await client.AddObjectAsync(project, "A toy with a name that is longer than the place for it on the page, by far");
        await client.AddObjectAsync(project);
        await client.ChangeObjectAsync(project, 2, hidden: true, locked: true);
        await client.PromptAsync(project, 0, 1, MaskOf(session));
        await client.LockFrameAsync(project, 0);
        chromium.Until("document.querySelectorAll('.object').length === 2 && document.querySelectorAll('.mark.locked').length === 1");
        Check("locked frame, hidden object");
        page.Choose("brush");
        Check("brush");
        page.Choose("point");
        chromium.Until("!document.getElementById('stage-line').hidden");
        Check("points wait for weights");
        Shown("document.getElementById('help').click()", "#help-dialog[open]", "shortcuts");
        Shown("document.getElementById('help-dialog').close(); document.getElementById('export').click()", "#export-dialog[open]", "exports");
        Shown("document.getElementById('export-start').click()", "[data-state=done]", "a finished export");
        Shown("document.getElementById('export-dialog').close(); document.querySelector('[data-part=delete1]').click()", "dialog[open][role=alertdialog]", "a question");
        chromium.Press(Keys.Escape);
        Shown("location.hash = '#/'", ".project", "projects");
        Shown("document.querySelector('.project-actions button').click()", "dialog[open]", "another name");
        chromium.Press(Keys.Escape);
        session.AssertClean();

        void Shown(string script, string selector, string state)
        {
            chromium.Run(script);
            chromium.Until($"document.querySelector('{selector}')");
            Check(state);
        }

        void Check(string state)
        {
            Thread.Sleep(250);
            Axe.AssertGood(chromium, $"{scheme}, {width} wide, {state}");
            Assert.True(chromium.Run("return document.documentElement.scrollWidth <= innerWidth") is true, $"{state} is wider than the page");
        }
    }

    private static async Task<string> OneFrameAsync(BrowserSession session)
    {
        var project = await session.OneFrameAsync();
        session.Page.Choose("move");
        return project;
    }

    private static AnnotatorClient.Mask MaskOf(BrowserSession session)
    {
        var rle = Rle.Of(session.Scene.Render(0).Labels, 1);
        return new([rle.Height, rle.Width], rle.ToText());
    }
}
