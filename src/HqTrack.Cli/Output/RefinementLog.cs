using System.Text;
using System.Text.Json;
using HqTrack.Media;

namespace HqTrack.Cli.Output;

/// <summary>What the refiner did, one JSON object a line for every object of every frame; the file appears when it is whole.</summary>
internal sealed class RefinementLog : IDisposable
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly AtomicFile file;

    public RefinementLog(string path) => file = new AtomicFile(path);

    /// <summary>Adds a frame.</summary>
    public void Add(TrackedFrame frame) => file.Append(stream =>
    {
        foreach (var entry in frame.Refinements)
        {
            var line = new Line(
                frame.Index,
                entry.Id,
                entry.Prompt is { } box ? [box.X, box.Y, box.Width, box.Height] : null,
                entry.PredictedIou,
                entry.MeasuredIou,
                entry.IsKept,
                JsonNamingPolicy.SnakeCaseLower.ConvertName(entry.Outcome.ToString()));
            stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(line, Options) + "\n"));
        }
    });

    /// <summary>Gives the file its name.</summary>
    public void Commit() => file.Commit();

    public void Dispose() => file.Dispose();

    private sealed record Line(int Frame, int Id, int[]? Box, double? PredictedIou, double? MeasuredIou, bool Kept, string Outcome);
}
