using HqTrack.Media;

namespace HqTrack.Evaluation.Datasets;

/// <summary>
/// A dataset laid out like DAVIS: JPEGImages/480p/SEQUENCE/NNNNN.jpg, Annotations/480p/SEQUENCE/NNNNN.png (both also without 480p) and
/// ImageSets/2017/SET.txt. Without ImageSets every sequence is taken. Nothing but the list of sequences is read here.
/// </summary>
internal sealed class DavisDataset
{
    private DavisDataset(string root, string set, IReadOnlyList<VideoSequence> sequences)
    {
        Root = root;
        Set = set;
        Sequences = sequences;
    }

    /// <summary>The dataset's folder.</summary>
    public string Root { get; }

    /// <summary>The subset, as in ImageSets/2017/SET.txt.</summary>
    public string Set { get; }

    /// <summary>The sequences in the order of the list, or by name where there is no list.</summary>
    public IReadOnlyList<VideoSequence> Sequences { get; }

    /// <summary>Opens a dataset.</summary>
    /// <param name="root">The folder that holds Annotations.</param>
    /// <param name="set">The subset; null for "val" where there are lists, else for everything.</param>
    /// <exception cref="EvaluationException">The layout, the list or a sequence of it is missing; the message names the file and line.</exception>
    public static DavisDataset Open(string root, string? set = null)
    {
        var annotations = Resolution(Path.Combine(root, "Annotations"));
        if (annotations is null)
        {
            throw new EvaluationException(
                $"'{root}' holds no folder 'Annotations', expected the layout of DAVIS: JPEGImages/480p/SEQUENCE and Annotations/480p/SEQUENCE; give the folder above them.");
        }

        var images = Resolution(Path.Combine(root, "JPEGImages")) ?? Path.Combine(root, "JPEGImages", "480p");
        var list = FindList(root, set);
        var names = list is null ? [.. Folders(annotations)] : ReadList(list, annotations);
        return names.Count > 0
            ? new(root, set ?? "val", [.. names.Select(name => new VideoSequence(name, Path.Combine(images, name), Path.Combine(annotations, name)))])
            : throw new EvaluationException($"'{list ?? annotations}' names no sequence, expected at least one; check the dataset.");
    }

    private static string? Resolution(string folder)
    {
        var inner = Path.Combine(folder, "480p");
        return Directory.Exists(inner) ? inner : Directory.Exists(folder) ? folder : null;
    }

    private static IEnumerable<string> Folders(string parent) =>
        Directory.GetDirectories(parent).Select(folder => Path.GetFileName(folder)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal);

    private static string? FindList(string root, string? set)
    {
        var sets = Path.Combine(root, "ImageSets");
        if (!Directory.Exists(sets))
        {
            return set is null
                ? null
                : throw new EvaluationException($"'{root}' holds no folder 'ImageSets', so there is no set '{set}'; leave the set out to take every sequence.");
        }

        var wanted = (set ?? "val") + ".txt";
        return new[] { "2017", "2016", "480p", "" }.Select(year => Path.Combine(sets, year, wanted)).FirstOrDefault(File.Exists)
            ?? throw new EvaluationException(
                $"'{sets}' holds no list '2017/{wanted}'; there are: {string.Join(", ", Directory.GetFiles(sets, "*.txt", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(sets, file)).Order(StringComparer.Ordinal))}.");
    }

    // One name a line; the lists of DAVIS 2016 have an image and its annotation a line instead.
    private static List<string> ReadList(string list, string annotations)
    {
        var names = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(list))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0)
            {
                continue;
            }

            var isFrame = text.StartsWith('/');
            var name = isFrame ? Path.GetFileName(Path.GetDirectoryName(text.Split(' ')[0])) ?? string.Empty : text;
            if (!seen.Add(name))
            {
                if (!isFrame)
                {
                    throw new EvaluationException($"'{list}', line {number}: sequence '{name}' is listed twice; take one out.");
                }

                continue;
            }

            if (name is "" or "." or ".." || name.AsSpan().IndexOfAny('/', '\\') >= 0 || !Directory.Exists(Path.Combine(annotations, name)))
            {
                throw new EvaluationException($"'{list}', line {number}: sequence '{name}' has no folder under '{annotations}'; complete the dataset or take the line out.");
            }

            names.Add(name);
        }

        return names;
    }
}
