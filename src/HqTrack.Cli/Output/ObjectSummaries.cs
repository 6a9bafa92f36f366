using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Exports;
using HqTrack.Media;

namespace HqTrack.Cli.Output;

/// <summary>One object over a whole video.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FramesVisible">Frames in which it has a pixel.</param>
/// <param name="FirstVisible">The first of them.</param>
/// <param name="LastVisible">The last of them.</param>
/// <param name="MeanConfidence">Mean of the confidence over them, 0..1.</param>
/// <param name="Worst">The frame with the lowest confidence among them.</param>
/// <param name="LowestConfidence">That confidence.</param>
/// <param name="Events">How often what happened to it: lost, reappeared, occluded, clear.</param>
internal sealed record ObjectSummary(
    int Id, int FramesVisible, int? FirstVisible, int? LastVisible, double MeanConfidence, int? Worst, double LowestConfidence, IReadOnlyDictionary<string, int> Events);

/// <summary>Gathers what became of each object, frame by frame, in constant memory.</summary>
internal sealed class ObjectSummaries : IExport
{
    private readonly SortedDictionary<int, Sum> sums = [];
    private readonly ObjectEvents events;

    /// <summary>Starts anew, or goes on with a state.</summary>
    public ObjectSummaries(JsonObject? state)
    {
        Frames = state?["frames"]?.GetValue<int>() ?? 0;
        events = new(state?["events"]?.AsObject());
        foreach (var (id, sum) in state?["objects"]?.AsObject() ?? [])
        {
            sums[int.Parse(id, CultureInfo.InvariantCulture)] = new()
            {
                Visible = sum!["visible"]!.GetValue<int>(),
                First = sum["first"]?.GetValue<int>(),
                Last = sum["last"]?.GetValue<int>(),
                Confidence = sum["confidence"]!.GetValue<double>(),
                Worst = sum["worst"]?.GetValue<int>(),
                Lowest = sum["lowest"]!.GetValue<double>(),
                Events = sum["counts"]!.AsObject().ToDictionary(count => count.Key, count => count.Value!.GetValue<int>(), StringComparer.Ordinal),
            };
        }
    }

    /// <summary>Frames so far, with those of the run that this one goes on with.</summary>
    public int Frames { get; private set; }

    /// <summary>Every object seen so far, by id.</summary>
    public IReadOnlyList<ObjectSummary> All =>
        [.. sums.Select(entry => new ObjectSummary(
            entry.Key, entry.Value.Visible, entry.Value.First, entry.Value.Last, entry.Value.Visible == 0 ? 0 : entry.Value.Confidence / entry.Value.Visible, entry.Value.Worst, entry.Value.Lowest, Counts(entry.Key, entry.Value)))];

    public void Write(Frame frame, TrackedFrame result)
    {
        Frames++;
        foreach (var entry in result.Objects)
        {
            if (!sums.TryGetValue(entry.Id, out var sum))
            {
                sums[entry.Id] = sum = new();
            }

            if (entry.Area > 0)
            {
                sum.Visible++;
                sum.First ??= frame.Index;
                sum.Last = frame.Index;
                sum.Confidence += entry.Confidence;
                (sum.Worst, sum.Lowest) = sum.Worst is null || entry.Confidence < sum.Lowest ? (frame.Index, entry.Confidence) : (sum.Worst, sum.Lowest);
            }
        }

        foreach (var change in events.Add(result).Where(change => change.Kind is not (ObjectEventKind.Added or ObjectEventKind.Removed)))
        {
            var counts = sums[change.Id].Events;
            counts[change.Name] = counts.GetValueOrDefault(change.Name) + 1;
        }
    }

    public JsonObject Checkpoint() => new()
    {
        ["frames"] = Frames,
        ["events"] = events.Save(),
        ["objects"] = new JsonObject([.. sums.Select(entry => KeyValuePair.Create(entry.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)new JsonObject
        {
            ["visible"] = entry.Value.Visible,
            ["first"] = entry.Value.First,
            ["last"] = entry.Value.Last,
            ["confidence"] = entry.Value.Confidence,
            ["worst"] = entry.Value.Worst,
            ["lowest"] = entry.Value.Lowest,
            ["counts"] = new JsonObject([.. entry.Value.Events.Select(count => KeyValuePair.Create(count.Key, (JsonNode?)JsonValue.Create(count.Value)))]),
        }))]),
    };

    public void Close()
    {
    }

    public void Dispose()
    {
    }

    private Dictionary<string, int> Counts(int id, Sum sum)
    {
        var counts = new Dictionary<string, int>(sum.Events, StringComparer.Ordinal);
        if (events.AtTheEnd().Any(change => change.Id == id))
        {
            counts["lost"] = counts.GetValueOrDefault("lost") + 1;
        }

        return counts;
    }

    private sealed class Sum
    {
        public int Visible { get; set; }

        public int? First { get; set; }

        public int? Last { get; set; }

        public double Confidence { get; set; }

        public int? Worst { get; set; }

        public double Lowest { get; set; }

        public Dictionary<string, int> Events { get; init; } = new(StringComparer.Ordinal);
    }
}
