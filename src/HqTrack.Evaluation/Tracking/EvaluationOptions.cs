using HqTrack.Evaluation.Datasets;

namespace HqTrack.Evaluation.Tracking;

/// <summary>How a dataset is tracked.</summary>
internal class EvaluationOptions
{
    /// <summary>Folder for the masks, SEQUENCE/NNNNN.png as the official programs read them; null (default) writes none.</summary>
    public string? OutputFolder { get; set; }

    /// <summary>Sequences whose masks are all in the output folder are scored from there instead of being tracked again (default false).</summary>
    public bool Resume { get; set; }

    /// <summary>Names of the sequences; null (default) takes all.</summary>
    public IReadOnlyList<string>? Sequences { get; set; }

    /// <summary>The wanted ones among a dataset's sequences.</summary>
    /// <exception cref="EvaluationException">A name is not among them.</exception>
    internal IReadOnlyList<VideoSequence> Choose(IReadOnlyList<VideoSequence> all)
    {
        if (Sequences is not { } wanted)
        {
            return all;
        }

        var unknown = wanted.Except(all.Select(sequence => sequence.Name)).FirstOrDefault();
        return unknown is null
            ? [.. all.Where(sequence => wanted.Contains(sequence.Name))]
            : throw new EvaluationException($"the dataset has no sequence '{unknown}'; it has: {string.Join(", ", all.Select(sequence => sequence.Name))}.");
    }
}
