using System.Text.RegularExpressions;
using HqTrack.Media;

namespace HqTrack.Evaluation.Vot;

/// <summary>
/// A sequence in the VOT toolkit's layout: a file "sequence" of properties, frames as color/%08d.jpg from 1 on, groundtruth.txt or
/// groundtruth_ID.txt, and tags, a line a frame. Trajectories are read when asked for.
/// </summary>
internal sealed partial class VotSequence
{
    /// <summary>Name of the only object of a sequence with a plain groundtruth.txt.</summary>
    public const string OnlyObject = "object";

    private const string IgnoreName = "_ignore";

    private readonly string folder;
    private readonly Dictionary<string, string> properties;
    private readonly Dictionary<string, Lazy<IReadOnlyList<Region>>> trajectories;
    private readonly Lazy<(int Width, int Height)> size;
    private readonly Lazy<int> length;

    private VotSequence(string name, string folder, Dictionary<string, string> properties)
    {
        Name = name;
        this.folder = folder;
        this.properties = properties;
        trajectories = Directory.GetFiles(folder, "groundtruth_*.txt").Order(NaturalOrder.Instance)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path)["groundtruth_".Length..], Lazily, StringComparer.Ordinal);
        var only = Path.Combine(folder, properties.GetValueOrDefault("groundtruth", "groundtruth.txt"));
        if (trajectories.Count == 0)
        {
            trajectories[OnlyObject] = File.Exists(only)
                ? Lazily(only)
                : throw new EvaluationException($"sequence '{name}': '{folder}' holds no groundtruth.txt and no groundtruth_ID.txt; complete the dataset.");
        }

        Objects = [.. trajectories.Keys.Where(id => !id.StartsWith('_'))];
        length = new(() => Number("length") ?? CountFrames() ?? trajectories.Values.Max(trajectory => trajectory.Value.Count));
        size = new(() => Number("width") is { } width && Number("height") is { } height ? (width, height) : MeasureFrame());
    }

    /// <summary>Name of the sequence.</summary>
    public string Name { get; }

    /// <summary>Ids of the objects that are tracked; those with a name in "_" serve other ends.</summary>
    public IReadOnlyList<string> Objects { get; }

    /// <summary>Number of frames.</summary>
    public int Length => length.Value;

    /// <summary>Size of the frames in pixels.</summary>
    public (int Width, int Height) Size => size.Value;

    /// <summary>Regions to leave out of overlaps, a frame each; null where the sequence has none.</summary>
    public IReadOnlyList<Region>? Ignored => trajectories.ContainsKey(IgnoreName) ? Groundtruth(IgnoreName) : null;

    /// <summary>Image files of the colour channel, in order; whether they exist is not checked.</summary>
    public IReadOnlyList<string> FramePaths => [.. Enumerable.Range(1, Length).Select(FramePath)];

    /// <summary>Opens a sequence.</summary>
    /// <exception cref="EvaluationException">The folder or its ground truth is missing.</exception>
    public static VotSequence Open(string folder)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (!Directory.Exists(folder))
        {
            throw new EvaluationException($"sequence '{name}' has no folder '{folder}'; complete the dataset.");
        }

        var file = Path.Combine(folder, "sequence");
        var properties = File.Exists(file)
            ? File.ReadLines(file).Select(line => Property().Match(line.Trim())).Where(match => match.Success)
                .GroupBy(match => match.Groups[1].Value, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last().Groups[2].Value, StringComparer.Ordinal)
            : [];
        return new(name, folder, properties);
    }

    /// <summary>An object's annotation, a region a frame; frames past the file's end are unknown.</summary>
    /// <exception cref="EvaluationException">The file is damaged; the message names the line.</exception>
    public IReadOnlyList<Region> Groundtruth(string id)
    {
        var regions = trajectories[id].Value;
        return regions.Count == Length
            ? regions
            : [.. regions.Take(Length), .. Enumerable.Repeat<Region>(new Region.Special(Region.Special.Unknown), Math.Max(Length - regions.Count, 0))];
    }

    /// <summary>The frame in which an object is pointed out: the first that is annotated.</summary>
    /// <exception cref="EvaluationException">No frame is annotated.</exception>
    public int Start(string id)
    {
        var regions = Groundtruth(id);
        var start = regions.Count(region => region is Region.Special) == regions.Count ? -1 : regions.TakeWhile(region => region is Region.Special).Count();
        return start >= 0 ? start : throw new EvaluationException($"sequence '{Name}': no frame of object '{id}' is annotated; check the dataset.");
    }

    /// <summary>Which frames bear a tag; none where the sequence lacks the tag.</summary>
    public IReadOnlyList<bool> Tagged(string tag)
    {
        var file = new[] { ".tag", ".label" }.Select(extension => Path.Combine(folder, tag + extension)).FirstOrDefault(File.Exists);
        var lines = file is null ? [] : File.ReadLines(file).Select(line => line.Trim() == "1").Take(Length).ToArray();
        return [.. lines, .. Enumerable.Repeat(false, Length - lines.Length)];
    }

    private static Lazy<IReadOnlyList<Region>> Lazily(string path) => new(() => Trajectory.Read(path));

    private string Pattern()
    {
        var channel = properties.GetValueOrDefault("channels.color", "color/%08d.jpg");
        return Path.Combine(folder, Path.HasExtension(channel) ? channel : Path.Combine(channel, "%08d.jpg"));
    }

    private string FramePath(int number) => Directive().Replace(Pattern(), match => number.ToString($"D{(match.Groups[1].Length > 0 ? match.Groups[1].Value : "1")}"), 1);

    private int? CountFrames()
    {
        var count = 0;
        while (File.Exists(FramePath(count + 1)))
        {
            count++;
        }

        return count > 0 ? count : null;
    }

    private (int Width, int Height) MeasureFrame()
    {
        var frame = ImageFile.Read(FramePath(1));
        return (frame.Width, frame.Height);
    }

    private int? Number(string key) => int.TryParse(properties.GetValueOrDefault(key), out var number) && number > 0 ? number : null;

    [GeneratedRegex(@"^([a-zA-Z0-9_\-.]+) *= *(.*)$")]
    private static partial Regex Property();

    [GeneratedRegex(@"%0?(\d*)d")]
    private static partial Regex Directive();
}
