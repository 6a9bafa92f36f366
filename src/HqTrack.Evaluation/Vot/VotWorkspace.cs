namespace HqTrack.Evaluation.Vot;

/// <summary>A workspace of the VOT toolkit: sequences/list.txt, sequences/NAME and results/TRACKER/EXPERIMENT/NAME.</summary>
internal sealed class VotWorkspace
{
    private VotWorkspace(string root, IReadOnlyList<VotSequence> sequences)
    {
        Root = root;
        Sequences = sequences;
    }

    /// <summary>The workspace's folder.</summary>
    public string Root { get; }

    /// <summary>The sequences in the order of the list.</summary>
    public IReadOnlyList<VotSequence> Sequences { get; }

    /// <summary>Opens a workspace, or a bare folder of sequences.</summary>
    /// <exception cref="EvaluationException">The list or a sequence of it is missing; the message names the file and line.</exception>
    public static VotWorkspace Open(string root)
    {
        var folder = new[] { Path.Combine(root, "sequences"), root }.FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, "list.txt")))
            ?? throw new EvaluationException($"'{root}' holds no 'sequences/list.txt', expected a workspace of the VOT toolkit; give the folder of config.yaml.");
        var list = Path.Combine(folder, "list.txt");
        var sequences = new List<VotSequence>();
        var number = 0;
        foreach (var line in File.ReadLines(list))
        {
            number++;
            var name = line.Trim();
            if (name.Length == 0)
            {
                continue;
            }

            try
            {
                sequences.Add(name.AsSpan().IndexOfAny('/', '\\') < 0 && name is not ".." and not "." ? VotSequence.Open(Path.Combine(folder, name)) : throw new EvaluationException($"'{name}' is no name of a sequence."));
            }
            catch (EvaluationException e)
            {
                throw new EvaluationException($"'{list}', line {number}: {e.Message}", e);
            }
        }

        return sequences.Count > 0 ? new(root, sequences) : throw new EvaluationException($"'{list}' names no sequence, expected one a line.");
    }

    /// <summary>Names of the trackers that have results.</summary>
    public IReadOnlyList<string> Trackers()
    {
        var folder = Path.Combine(Root, "results");
        return Directory.Exists(folder) ? [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Where a tracker's first run on an object is, without its extension.</summary>
    public string ResultPath(string tracker, string experiment, VotSequence sequence, string id) => Path.Combine(
        Root, "results", tracker, experiment, sequence.Name, sequence.Objects.Count > 1 ? $"{sequence.Name}_{id}_001" : $"{sequence.Name}_001");

    /// <summary>A tracker's first run on an object, a region a frame.</summary>
    /// <exception cref="EvaluationException">The result is missing, damaged or of another length.</exception>
    public IReadOnlyList<Region> Result(string tracker, string experiment, VotSequence sequence, string id)
    {
        var path = ResultPath(tracker, experiment, sequence, id);
        var file = new[] { ".txt", ".bin" }.Select(extension => path + extension).FirstOrDefault(File.Exists)
            ?? throw new EvaluationException($"tracker '{tracker}' has no result '{path}.bin' or '.txt' for object '{id}' of sequence '{sequence.Name}'; run it first.");
        var regions = Trajectory.Read(file);
        return regions.Count == sequence.Length
            ? regions
            : throw new EvaluationException($"'{file}' holds {regions.Count} regions, expected {sequence.Length}, one a frame of sequence '{sequence.Name}'; run the tracker again.");
    }
}
