using System.Globalization;
using HqTrack.Media;
using OpenQA.Selenium;

namespace HqTrack.AppTests.Web.Browser;

/// <summary>The annotator as a person uses it: pointer, keys, drops.</summary>
internal sealed class AnnotatorPage(Chromium chromium, int width, int height)
{
    private const double Margin = 16; // of a fitted frame, on wide stages

    /// <summary>The id of the project that is open.</summary>
    public string Project => ((string)chromium.Run("return location.hash")!).Split('/')[^1];

    /// <summary>What was announced last to those who cannot see the page.</summary>
    public string Announced => chromium.Element("#announce").GetAttribute("textContent")!;

    /// <summary>Drops files onto the page.</summary>
    public void Drop(params string[] files)
    {
        var data = new Dictionary<string, object?> { ["items"] = Array.Empty<object>(), ["files"] = files, ["dragOperationsMask"] = 1 };
        foreach (var type in (string[])["dragEnter", "dragOver", "drop"])
        {
            chromium.Command("Input.dispatchDragEvent", new() { ["type"] = type, ["x"] = 500, ["y"] = 400, ["data"] = data });
        }
    }

    /// <summary>Waits for an open project with frames.</summary>
    public void WaitForFrames(int count) =>
        chromium.Until($"!document.getElementById('editor').hidden && document.getElementById('frame-count').textContent === 'of {count.ToString(CultureInfo.InvariantCulture)}'", 40);

    /// <summary>Waits until every edit is acknowledged and shown.</summary>
    public void WaitForSaved()
    {
        chromium.Until("document.getElementById('saved').dataset.state === 'saved'");
        Thread.Sleep(300); // the page asks anew what the edits changed
    }

    public void Choose(string tool) => chromium.Element($"[data-tool={tool}].tool").Click();

    /// <summary>Goes to a frame, counted from 0, by its number.</summary>
    public void Seek(int frame)
    {
        var number = chromium.Element("#frame-number");
        number.SendKeys(Keys.Control + "a");
        number.SendKeys((frame + 1).ToString(CultureInfo.InvariantCulture) + Keys.Enter);
        chromium.Until($"document.getElementById('track').getAttribute('aria-valuenow') === '{frame + 1}'");
        Thread.Sleep(400); // its masks
    }

    public void SetBrush(int size) => chromium.Run("const size = document.getElementById('size'); size.value = arguments[0]; size.dispatchEvent(new Event('input'));", size);

    /// <summary>Draws a mask with the brush, row by row.</summary>
    public void Paint(LabelMap labels, int id)
    {
        const int size = 3;
        Choose("brush");
        SetBrush(size);
        for (var y = 1; y < labels.Height - 1; y += size)
        {
            for (var x = 0; x < labels.Width; x++)
            {
                var start = x;
                while (x < labels.Width && IsAll(labels, id, x, y))
                {
                    x++;
                }

                if (x - start >= size)
                {
                    Drag((start + (size / 2.0), y + 0.5), (x - (size / 2.0), y + 0.5));
                }
            }
        }

        WaitForSaved();
    }

    /// <summary>One stroke between two points of the frame.</summary>
    public void Drag((double X, double Y) from, (double X, double Y) to)
    {
        Mouse("mousePressed", from, 1);
        Mouse("mouseMoved", to, 1);
        Mouse("mouseReleased", to, 0);
    }

    /// <summary>A click at a point of the frame.</summary>
    public void Click(double x, double y) => Drag((x, y), (x, y));

    /// <summary>Tracks forward and waits for the end.</summary>
    /// <param name="span">A choice of "how far": 30, end, ...</param>
    public void TrackForward(string span)
    {
        chromium.Run("document.getElementById('track-span').value = arguments[0]", span);
        chromium.Until("!document.getElementById('track-forward').disabled");
        chromium.Element("#track-forward").Click();
        chromium.Until("!document.getElementById('track-running').hidden");
        chromium.Until("document.getElementById('track-running').hidden", 120);
        WaitForSaved();
    }

    private static bool IsAll(LabelMap labels, int id, int x, int y) =>
        labels.Ids[((y - 1) * labels.Width) + x] == id && labels.Ids[(y * labels.Width) + x] == id && labels.Ids[((y + 1) * labels.Width) + x] == id;

    private void Mouse(string type, (double X, double Y) at, int buttons)
    {
        var stage = (IReadOnlyDictionary<string, object>)chromium.Run("const { x, y, width, height } = document.getElementById('canvas').getBoundingClientRect(); return { x, y, width, height };")!;
        double Of(string name) => Convert.ToDouble(stage[name], CultureInfo.InvariantCulture);
        var scale = Math.Min((Of("width") - Margin) / width, (Of("height") - Margin) / height);
        chromium.Command("Input.dispatchMouseEvent", new()
        {
            ["type"] = type,
            ["x"] = Of("x") + ((Of("width") - (width * scale)) / 2) + (at.X * scale),
            ["y"] = Of("y") + ((Of("height") - (height * scale)) / 2) + (at.Y * scale),
            ["button"] = "left",
            ["buttons"] = buttons,
            ["clickCount"] = 1,
        });
    }
}
