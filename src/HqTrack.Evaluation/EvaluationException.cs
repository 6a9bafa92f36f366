namespace HqTrack.Evaluation;

/// <summary>A dataset or a set of results that cannot be evaluated; the message is one line: found, expected, what to do.</summary>
public sealed class EvaluationException : Exception
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public EvaluationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
