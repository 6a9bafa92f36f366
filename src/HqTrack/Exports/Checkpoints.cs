using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace HqTrack.Exports;

/// <summary>
/// Saves a run every few seconds: first the session on the thread that tracks, then, when the frames up to there are written, the exports'
/// positions, and last the state that makes both count.
/// </summary>
/// <param name="folder">Where to.</param>
/// <param name="session">The session.</param>
/// <param name="exports">By name.</param>
internal sealed class Checkpoints(RunFolder folder, TrackingSession session, IReadOnlyDictionary<string, IExport> exports)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);
    private const int CostShare = 20; // at most a twentieth of the time goes into checkpoints, unless that would lose more than the longest interval

    private TimeSpan interval = Shortest;
    private long last = Stopwatch.GetTimestamp();

    /// <summary>Whether it is time.</summary>
    public bool IsDue => Stopwatch.GetElapsedTime(last) >= interval;

    /// <summary>Saves the session as it is after a frame; on the tracking thread.</summary>
    /// <returns>The file's name.</returns>
    public string SaveSession(int frame)
    {
        var start = Stopwatch.GetTimestamp();
        var name = string.Create(CultureInfo.InvariantCulture, $"session-{frame}");
        session.Save(folder.PathOf(name));
        last = Stopwatch.GetTimestamp();
        var wanted = Stopwatch.GetElapsedTime(start) * CostShare;
        interval = wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;
        return name;
    }

    /// <summary>Makes a saved session count; on the writing thread, after the frame was written.</summary>
    public void Commit(int frame, string sessionFile)
    {
        var state = new JsonObject
        {
            ["frame"] = frame,
            ["session"] = sessionFile,
            ["exports"] = new JsonObject([.. exports.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value.Checkpoint()))]),
        };
        Replace(state, sessionFile);
    }

    /// <summary>Makes a saved session of the way back count; null says that the way back is done.</summary>
    public void CommitBackward(int? frame, string? sessionFile) =>
        Replace(frame is null ? new() { ["backward_done"] = true } : new() { ["backward"] = frame, ["session"] = sessionFile }, sessionFile);

    private void Replace(JsonObject state, string? sessionFile)
    {
        var before = folder.State?["session"]?.GetValue<string>();
        folder.Commit(state);
        if (before is not null && before != sessionFile)
        {
            File.Delete(folder.PathOf(before));
        }
    }
}
