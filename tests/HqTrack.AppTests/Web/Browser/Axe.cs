using System.Text.Json;
using Deque.AxeCore.Commons;

namespace HqTrack.AppTests.Web.Browser;

/// <summary>Looks for what keeps people with disabilities out, with axe-core.</summary>
internal static class Axe
{
    private static readonly Lazy<string> Script = new(() => new BundledAxeScriptProvider().GetScript());

    /// <summary>Asserts that the page as it is shown has no serious or critical violation.</summary>
    /// <param name="chromium">The page.</param>
    /// <param name="state">What is shown, for the message.</param>
    public static void AssertGood(Chromium chromium, string state)
    {
        chromium.Run($"if (!window.axe) {{ {Script.Value} }}");
        var answer = (string)chromium.Await("window.axe.run(document, { resultTypes: ['violations'] }).then(found => JSON.stringify({ passes: found.passes.length, violations: found.violations }))")!;
        using var found = JsonDocument.Parse(answer);
        Assert.True(found.RootElement.GetProperty("passes").GetInt32() > 10, "axe looked at nothing");
        var bad = found.RootElement.GetProperty("violations").EnumerateArray()
            .Where(violation => violation.GetProperty("impact").GetString() is "serious" or "critical")
            .Select(violation => $"{violation.GetProperty("id")}: {violation.GetProperty("help")}: {string.Join(" | ", violation.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("html").GetString()))}")
            .ToList();
        Assert.True(bad.Count == 0, $"{state}: {string.Join('\n', bad)}");
    }
}
