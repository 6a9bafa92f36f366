namespace HqTrack.Weights;

/// <summary>A weights file that is damaged or of another kind; the message is one line: file, found, expected, what to do.</summary>
public sealed class CheckpointFormatException : Exception
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public CheckpointFormatException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>Weights that do not belong to the network: missing, unexpected and wrongly shaped keys, all of them at once.</summary>
public sealed class CheckpointMismatchException : Exception
{
    private const int LongestKey = 200;

    internal CheckpointMismatchException(string source, string network, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> wrongShape)
        : base(Describe(source, network, missing, unexpected, wrongShape))
    {
        Missing = missing;
        Unexpected = unexpected;
        WrongShape = wrongShape;
    }

    /// <summary>Keys of the network that the file lacks.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Keys of the file that the network lacks.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Keys with another shape or type, as "key: found ..., expected ...".</summary>
    public IReadOnlyList<string> WrongShape { get; }

    private static string Describe(string source, string network, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> wrongShape)
    {
        static string Part(string kind, IReadOnlyList<string> keys) =>
            keys.Count == 0 ? string.Empty : $" {keys.Count} {kind} ({string.Join("; ", keys.Take(3).Select(Short))}{(keys.Count > 3 ? "; ..." : string.Empty)}),";
        static string Short(string key) => (key.Length > LongestKey ? $"{key[..LongestKey]}..." : key).ReplaceLineEndings("?"); // names come from the file
        return $"{source} does not fit the network '{network}':{Part("missing", missing)}{Part("unexpected", unexpected)}{Part("wrong", wrongShape)} choose the --model these weights were made for, or other --weights.";
    }
}

/// <summary>A model whose weights are not on this machine; the message says how to get them (exit code 3).</summary>
public sealed class WeightsMissingException : Exception
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public WeightsMissingException(string message)
        : base(message)
    {
    }
}
