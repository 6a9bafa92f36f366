using System.Text.Json;
using HqTrack.Media;

namespace HqTrack.Training;

/// <summary>One line of a run's log: means over the steps since the line before.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Seconds">Time trained.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="Rate">Learning rate of everything but the encoder.</param>
/// <param name="GradientNorm">Mean norm before clipping.</param>
/// <param name="ItemsPerSecond">Clips or images.</param>
/// <param name="NetworkShare">Share of the time spent in the network, 0..1; the rest waits for data.</param>
internal sealed record LogLine(long Step, double Seconds, double Loss, double Rate, double GradientNorm, double ItemsPerSecond, double NetworkShare);

/// <summary>A run's log, one JSON object a line.</summary>
internal sealed class TrainingLog : IDisposable
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private readonly StreamWriter writer;
    private readonly List<LogLine> lines;

    /// <summary>Opens a log; lines after <paramref name="step"/>, which a killed run left beyond its last checkpoint, are dropped.</summary>
    public TrainingLog(string path, long step)
    {
        lines = File.Exists(path) ? [.. Read(path).TakeWhile(line => line.Step <= step)] : [];
        AtomicFile.Write(path, stream =>
        {
            using var text = new StreamWriter(stream, leaveOpen: true);
            foreach (var line in lines)
            {
                text.WriteLine(JsonSerializer.Serialize(line, Options));
            }
        });
        writer = new StreamWriter(path, append: true) { AutoFlush = true };
    }

    /// <summary>All lines so far.</summary>
    public IReadOnlyList<LogLine> Lines => lines;

    public void Add(LogLine line)
    {
        lines.Add(line);
        writer.WriteLine(JsonSerializer.Serialize(line, Options));
    }

    /// <summary>The lines of a log; a last line that was cut short is left out.</summary>
    public static IEnumerable<LogLine> Read(string path)
    {
        foreach (var text in File.ReadLines(path))
        {
            LogLine? line;
            try
            {
                line = JsonSerializer.Deserialize<LogLine>(text, Options);
            }
            catch (JsonException)
            {
                yield break;
            }

            if (line is not null)
            {
                yield return line;
            }
        }
    }

    public void Dispose() => writer.Dispose();
}
