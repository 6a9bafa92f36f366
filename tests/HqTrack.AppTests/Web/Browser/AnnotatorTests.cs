using System.Text.Json;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;
using OpenQA.Selenium;

namespace HqTrack.AppTests.Web.Browser;

/// <summary>The page in a browser, used as a person uses it.</summary>
[Collection("torch")]
public sealed class AnnotatorTests(SamLiteWeights arbitrary) : IClassFixture<SamLiteWeights>
{
    private const double GoodPaint = 0.9;
    private const double GoodTrack = 0.75;

    [Fact]
    public async Task A_clip_is_dropped_marked_tracked_corrected_and_exported()
    {
        await using var session = await BrowserSession.StartAsync();
        var (page, chromium) = (session.Page, session.Chromium);
        chromium.Until("!document.getElementById('empty').hidden");
        Axe.AssertGood(chromium, "no project yet");
        session.WriteClip();
        page.Drop(session.Clip);
        page.WaitForFrames(BrowserSession.Frames);
        var project = page.Project;

        // The first stroke makes the object.
        page.Paint(session.Scene.Render(0).Labels, 1);
        var painted = await session.IouAsync(project, 0);
        Assert.True(painted >= GoodPaint, $"the painted mask has IoU {painted:F3} with the truth");
        Assert.DoesNotContain((await session.Client.GetTracksAsync(project)).Events, told => told.Event == "lost");

        page.TrackForward("30");
        await AssertTrackedAsync(session, project, 1, 30);
        Assert.Equal(0, await session.IouAsync(project, 31));
        Axe.AssertGood(chromium, "a tracked clip");

        // Correct in the middle: everything away, then the truth, and on from there.
        page.Seek(15);
        page.Choose("eraser");
        page.SetBrush(300);
        page.Drag((0, 0), (BrowserSession.Width, BrowserSession.Height));
        page.WaitForSaved();
        Assert.Equal(0, await session.IouAsync(project, 15));
        page.Paint(session.Scene.Render(15).Labels, 1);
        var corrected = await session.IouAsync(project, 15);
        Assert.True(corrected >= GoodPaint, $"the corrected mask has IoU {corrected:F3} with the truth");
        chromium.Until("document.getElementById('track-forward').textContent === 'Track on'");
        page.TrackForward("end");
        await AssertTrackedAsync(session, project, 16, BrowserSession.Frames - 1);
        var tracks = await session.Client.GetTracksAsync(project);
        Assert.Equal($"p{new string('t', 14)}p{new string('t', BrowserSession.Frames - 16)}", Assert.Single(tracks.Objects).Source);

        const int last = BrowserSession.Frames - 1;
        var tracked = await session.IouAsync(project, last);

        // Undo takes the second tracking back, and redo brings it again.
        chromium.Until($"document.getElementById('announce').textContent === 'Tracking is done: {BrowserSession.Frames - 15} frames.'"); // what comes later would be spoken over what follows
        chromium.Press(Keys.Control + "z" + Keys.Null);
        chromium.Until("document.getElementById('announce').textContent === 'Undone: a tracking.'");
        Assert.Equal(0, await session.IouAsync(project, last));
        chromium.Press(Keys.Control + Keys.Shift + "z" + Keys.Null);
        chromium.Until("document.getElementById('announce').textContent === 'Brought back: a tracking.'");
        Assert.Equal(tracked, await session.IouAsync(project, last));
        await Task.Delay(600, TestContext.Current.CancellationToken); // the server looks every 200 ms at what the newest run is, and that it is done is no news
        Assert.Equal("Brought back: a tracking.", page.Announced);

        await AssertExportAsync(session);
        session.AssertClean();
    }

    [Fact]
    public async Task Clicks_are_previewed_then_kept_or_discarded()
    {
        await using var session = await BrowserSession.StartAsync(arbitrary.Path); // masks without meaning, kept as they were shown
        var (page, chromium, client) = (session.Page, session.Chromium, session.Client);
        var project = await session.OneFrameAsync();
        Assert.Equal("point", chromium.Element("#canvas").GetAttribute("data-tool"));

        page.Click(160.5, 90.5);
        chromium.Until("!document.getElementById('draft').hidden && document.getElementById('draft-text').textContent === 'Preview'");
        Axe.AssertGood(chromium, "a preview");
        var preview = await client.PreviewAsync(project, 0, [new(160, 90)]);
        page.Click(100.5, 60.5);
        chromium.Press(Keys.Control + "z" + Keys.Null); // the second point, not the object
        chromium.Until("document.getElementById('draft-text').textContent === 'Preview'");
        chromium.Press(Keys.Enter);
        page.WaitForSaved();
        chromium.Until("document.getElementById('draft').hidden");
        var kept = Assert.Single(await client.GetFrameObjectsAsync(project, 0, masks: true));
        Assert.Equal((preview.Mask.Counts, "prompt"), (kept.Mask!.Counts, kept.Source));

        page.Click(30.5, 30.5);
        chromium.Until("!document.getElementById('draft').hidden");
        chromium.Press(Keys.Escape);
        chromium.Until("document.getElementById('draft').hidden");
        page.Choose("box");
        page.Drag((40, 40), (200, 140));
        chromium.Until("!document.getElementById('draft').hidden && document.getElementById('draft-text').textContent === 'Preview'");
        chromium.Press(Keys.Escape);
        chromium.Press(Keys.Control + "z" + Keys.Null);
        chromium.Until("document.getElementById('announce').textContent === 'Undone: a mask.'");
        Assert.Empty(await client.GetFrameObjectsAsync(project, 0));
        session.AssertClean();
    }

    [Fact]
    public async Task A_click_finds_the_object()
    {
        await using var session = await BrowserSession.StartAsync();
        var missing = (string?)session.Chromium.Await("fetch('/api/info').then(answer => answer.json()).then(info => info.refiner.missing)");
        Assert.SkipWhen(missing is not null, missing ?? string.Empty);
        var project = await session.OneFrameAsync();
        var box = Rle.Of(session.Scene.Render(0).Labels, 1).Box;
        session.Page.Click(box.X + (box.Width / 2.0), box.Y + (box.Height / 2.0));
        session.Chromium.Until("!document.getElementById('draft').hidden && document.getElementById('draft-text').textContent === 'Preview'", 60);
        session.Chromium.Press(Keys.Enter);
        session.Page.WaitForSaved();
        var iou = await session.IouAsync(project, 0);
        Assert.True(iou >= 0.6, $"one click in the middle of the object's box gives IoU {iou:F3}");
        session.AssertClean();
    }

    private static async Task AssertTrackedAsync(BrowserSession session, string project, int first, int last)
    {
        var ious = new List<double>();
        for (var frame = first; frame <= last; frame++)
        {
            ious.Add(await session.IouAsync(project, frame));
        }

        Assert.True(ious.Average() >= GoodTrack, $"frames {first} to {last} have a mean IoU of {ious.Average():F3}: {string.Join(' ', ious.Select(iou => iou.ToString("F2", null)))}");
    }

    private static async Task AssertExportAsync(BrowserSession session)
    {
        var chromium = session.Chromium;
        chromium.Element("#export").Click();
        chromium.Element("[name=format][value=coco]").Click();
        Axe.AssertGood(chromium, "the export dialog");
        chromium.Element("#export-start").Click();
        chromium.Until("document.querySelector('#export-list [data-format=coco][data-state=done]')");
        var file = string.Empty;
        for (var i = 0; i < 100 && file.Length == 0; i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            file = Directory.EnumerateFiles(session.Downloads).SingleOrDefault(path => !path.EndsWith(".crdownload", StringComparison.Ordinal)) ?? string.Empty;
        }

        using var coco = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        var frames = coco.RootElement.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("id").GetInt32()).ToList();
        var masks = coco.RootElement.GetProperty("annotations").EnumerateArray().ToList();
        Assert.Equal((BrowserSession.Frames, BrowserSession.Frames), (frames.Count, masks.Count));
        Assert.All(masks, mask =>
        {
            var iou = session.Iou(mask.GetProperty("segmentation").GetProperty("counts").GetString()!, frames.IndexOf(mask.GetProperty("image_id").GetInt32()));
            Assert.True(iou >= 0.5, $"image {mask.GetProperty("image_id")}: IoU {iou:F3}");
        });
        chromium.Press(Keys.Escape);
    }
}
