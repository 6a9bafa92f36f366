using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>What happened to objects, a JSON object a line: frame, time (seconds, where the source knows it), id, event.</summary>
internal sealed class EventsExport : IExport
{
    private const string Part = "events";
    private const int KeptTimes = 8; // more than an event is told late

    private readonly string path;
    private readonly PartFiles parts;
    private readonly ObjectEvents events;
    private readonly Queue<(int Index, double? Time)> times = new();

    /// <summary>Opens the export.</summary>
    /// <param name="target">Where its parts lie.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public EventsExport(ExportTarget target, string path)
    {
        this.path = path;
        parts = new(target, "events");
        events = new(target.State?["events"]?.AsObject());
        foreach (var entry in target.State?["times"]?.AsArray() ?? [])
        {
            times.Enqueue((entry![0]!.GetValue<int>(), entry[1]?.GetValue<double>()));
        }
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        times.Enqueue((frame.Index, frame.Timestamp?.TotalSeconds));
        if (times.Count > KeptTimes)
        {
            times.Dequeue();
        }

        foreach (var change in events.Add(result))
        {
            parts.Append(Part, Line(change));
        }
    }

    public JsonObject Checkpoint()
    {
        var state = parts.Checkpoint();
        state["events"] = events.Save();
        state["times"] = new JsonArray([.. times.Select(entry => new JsonArray(entry.Index, entry.Time))]);
        return state;
    }

    public void Close() => parts.Assemble(path, [Piece.Of(Part), .. events.AtTheEnd().Select(change => (Piece)Line(change))]);

    public void Dispose() => parts.Dispose();

    private string Line(ObjectEvent change) => new JsonObject
    {
        ["frame"] = change.Frame,
        ["time"] = times.FirstOrDefault(entry => entry.Index == change.Frame).Time,
        ["id"] = change.Id,
        ["event"] = change.Name,
    }.ToJsonString() + "\n";
}
