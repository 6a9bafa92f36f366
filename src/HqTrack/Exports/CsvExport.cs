using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>One line of the table.</summary>
/// <param name="Frame">The frame's index.</param>
/// <param name="Time">Its presentation time in seconds; null where the source has none.</param>
/// <param name="Id">The object.</param>
/// <param name="Box">Tight box in pixels; null where it has no pixel.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Confidence">0..1, rounded to four places.</param>
/// <param name="RefinerKept">Whether the refiner's mask replaced the segmenter's.</param>
internal sealed record CsvLine(int Frame, double? Time, int Id, Box? Box, int Area, double Confidence, bool RefinerKept);

/// <summary>DIR/objects.csv: "frame,time,id,x,y,width,height,area,confidence,refiner_kept", a line per object and frame; where objects have names a column "name" more.</summary>
internal sealed class CsvExport : IExport
{
    private const string Header = "frame,time,id,x,y,width,height,area,confidence,refiner_kept";
    private const string Part = "lines";

    private readonly string path;
    private readonly ExportTarget target;
    private readonly PartFiles parts;

    /// <summary>Opens the export.</summary>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public CsvExport(ExportTarget target)
    {
        path = target.PathOf("objects.csv");
        this.target = target;
        parts = new(target, "csv");
    }

    /// <summary>Reads such a file.</summary>
    /// <exception cref="MediaException">A line is damaged; the message names it.</exception>
    public static IReadOnlyList<CsvLine> Read(string path)
    {
        var lines = System.Text.Encoding.ASCII.GetString(ImageFile.ReadBytes(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Skip(1).Select((line, i) =>
        {
            var cells = line.TrimEnd('\r').Split(',');
            try
            {
                int Whole(int cell) => int.Parse(cells[cell], CultureInfo.InvariantCulture);
                return new CsvLine(
                    Whole(0),
                    cells[1].Length == 0 ? null : double.Parse(cells[1], CultureInfo.InvariantCulture),
                    Whole(2),
                    cells[3].Length == 0 ? null : new Box(Whole(3), Whole(4), Whole(5), Whole(6)),
                    Whole(7),
                    double.Parse(cells[8], CultureInfo.InvariantCulture),
                    cells[9] == "1");
            }
            catch (Exception e) when (e is FormatException or IndexOutOfRangeException)
            {
                throw new MediaException($"'{path}', line {i + 2} is not \"{Header}\"; export it again.", e);
            }
        })];
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        foreach (var entry in result.Objects)
        {
            var box = entry.Box is { } own ? string.Create(CultureInfo.InvariantCulture, $"{own.X},{own.Y},{own.Width},{own.Height}") : ",,,";
            parts.Append(Part, string.Create(
                CultureInfo.InvariantCulture,
                $"{frame.Index},{frame.Timestamp?.TotalSeconds:0.######},{entry.Id},{box},{entry.Area},{entry.Confidence:0.0000},{(entry.RefinerKept ? 1 : 0)}{Name(entry.Id)}\n"));
        }
    }

    public JsonObject Checkpoint() => parts.Checkpoint();

    public void Close()
    {
        parts.Assemble(path, $"{Header}{(target.Names.Count > 0 ? ",name" : string.Empty)}\n", Piece.Of(Part));
    }

    public void Dispose() => parts.Dispose();

    // Quoted as RFC 4180 says; spreadsheets take what begins like a formula for one, so an apostrophe goes before it.
    private string Name(int id)
    {
        if (target.Names.Count == 0)
        {
            return string.Empty;
        }

        var name = target.NameOf(id);
        return $",\"{(name[0] is '=' or '+' or '-' or '@' ? "'" : string.Empty)}{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
