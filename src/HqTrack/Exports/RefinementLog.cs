using System.Text.Json;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>What the refiner did, one JSON object a line for every object of every frame.</summary>
internal sealed class RefinementLog : IExport
{
    private const string Part = "lines";
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly string path;
    private readonly PartFiles parts;

    /// <summary>Opens the log.</summary>
    /// <param name="target">Where its parts lie.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public RefinementLog(ExportTarget target, string path)
    {
        this.path = path;
        parts = new(target, "refinements");
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        foreach (var entry in result.Refinements)
        {
            var line = new Line(
                frame.Index,
                entry.Id,
                entry.Prompt is { } box ? [box.X, box.Y, box.Width, box.Height] : null,
                entry.PredictedIou,
                entry.MeasuredIou,
                entry.IsKept,
                JsonNamingPolicy.SnakeCaseLower.ConvertName(entry.Outcome.ToString()));
            parts.Append(Part, JsonSerializer.Serialize(line, Options) + "\n");
        }
    }

    public JsonObject Checkpoint() => parts.Checkpoint();

    public void Close() => parts.Assemble(path, Piece.Of(Part));

    public void Dispose() => parts.Dispose();

    private sealed record Line(int Frame, int Id, int[]? Box, double? PredictedIou, double? MeasuredIou, bool Kept, string Outcome);
}
