using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Exports;
using HqTrack.Media;

namespace HqTrack.Evaluation.Vot;

/// <summary>
/// DIR/vot/ID.txt and ID.bin: a trajectory per object as the VOT toolkit reads it, a region for each frame; frames before the object is
/// tracked, or after, are special code 0.
/// </summary>
internal sealed class VotExport : IExport
{
    private readonly string folder;
    private readonly PartFiles parts;
    private readonly SortedDictionary<int, int> counts = []; // regions written per object
    private int frames;

    /// <summary>Makes the folder.</summary>
    /// <exception cref="MediaException">It cannot be made.</exception>
    public VotExport(ExportTarget target)
    {
        folder = target.PathOf("vot");
        parts = new(target, "vot");
        frames = target.State?["frames"]?.GetValue<int>() ?? 0;
        foreach (var (id, count) in target.State?["counts"]?.AsObject() ?? [])
        {
            counts[int.Parse(id, CultureInfo.InvariantCulture)] = count!.GetValue<int>();
        }

        AtomicFile.CreateFolder(folder);
    }

    /// <summary>The format, for the command line.</summary>
    public static ExportKind Kind { get; } = new("vot", "vot", "VOT trajectories per object, text and binary", target => new VotExport(target));

    public void Write(Frame frame, TrackedFrame result)
    {
        foreach (var entry in result.Objects)
        {
            Fill(entry.Id, frames);
            Add(entry.Id, entry.Area == 0 ? new Region.Special(Region.Special.Unknown) : Keep(LabelRegions.Of(result.Labels, entry)));
        }

        frames++;
    }

    public JsonObject Checkpoint()
    {
        var state = parts.Checkpoint();
        state["frames"] = frames;
        state["counts"] = new JsonObject([.. counts.Select(entry => KeyValuePair.Create(entry.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)JsonValue.Create(entry.Value)))]);
        return state;
    }

    public void Close()
    {
        foreach (var id in counts.Keys.ToList())
        {
            Fill(id, frames);
            var head = new byte[6];
            BinaryPrimitives.WriteInt16LittleEndian(head, 1);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(2), counts[id]);
            parts.Assemble(Path.Combine(folder, $"{id}.txt"), Piece.Of($"{id}.txt"));
            parts.Assemble(Path.Combine(folder, $"{id}.bin"), head, Piece.Of($"{id}.bin"));
        }
    }

    public void Dispose() => parts.Dispose();

    // The toolkit throws a mask away whose only column is its first when it reads text; an empty column before it keeps it.
    private static Region.Mask Keep(Region.Mask mask) => mask.Width > 1 ? mask : new(mask.X - 1, mask.Y, 2, mask.Height, [.. mask.Pixels.SelectMany(pixel => new byte[] { 0, pixel })]);

    private void Fill(int id, int until)
    {
        while (counts.GetValueOrDefault(id) < until)
        {
            Add(id, new Region.Special(Region.Special.Unknown));
        }
    }

    private void Add(int id, Region region)
    {
        parts.Append($"{id}.txt", $"{RegionText.Format(region)}\n");
        parts.Append($"{id}.bin", Trajectory.ToBinary([region])[6..]);
        counts[id] = counts.GetValueOrDefault(id) + 1;
    }
}
