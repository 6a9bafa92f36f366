using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>DIR/mots.txt: a line per object and frame, "frame id class height width counts"; the class is 1 and ids are 1000 + the object's, as MOTS has them.</summary>
internal sealed class MotsExport : IExport
{
    private const int Class = 1;
    private const string Part = "lines";

    private readonly string path;
    private readonly PartFiles parts;

    /// <summary>Opens the export.</summary>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public MotsExport(ExportTarget target)
    {
        path = target.PathOf("mots.txt");
        parts = new(target, "mots");
    }

    /// <summary>Reads such a file: the frames by index. Frames without objects are not in it.</summary>
    /// <exception cref="MediaException">A line is damaged; the message names it.</exception>
    public static SortedDictionary<int, LabelMap> Read(string path)
    {
        var frames = new SortedDictionary<int, LabelMap>();
        var lines = System.Text.Encoding.ASCII.GetString(ImageFile.ReadBytes(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length; i++)
        {
            var cells = lines[i].TrimEnd('\r').Split(' ');
            var numbers = cells.Take(5).Select(cell => int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToList();
            if (cells.Length != 6 || numbers.Contains(-1))
            {
                throw new MediaException($"'{path}', line {i + 1} is not \"frame id class height width counts\"; export it again.");
            }

            var mask = Rle.Parse(cells[5], numbers[4], numbers[3]).ToPixels();
            ObjectFolders.Put(frames, numbers[0], numbers[4], numbers[3], (byte)(numbers[1] % 1000), pixel => mask[pixel] != 0);
        }

        return frames;
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        foreach (var entry in result.Objects.Where(entry => entry.Area > 0))
        {
            parts.Append(Part, string.Create(CultureInfo.InvariantCulture, $"{frame.Index} {(1000 * Class) + entry.Id} {Class} {frame.Height} {frame.Width} {Rle.Of(result.Labels, entry.Id).ToText()}\n"));
        }
    }

    public JsonObject Checkpoint() => parts.Checkpoint();

    public void Close()
    {
        parts.Assemble(path, Piece.Of(Part));
    }

    public void Dispose() => parts.Dispose();
}
