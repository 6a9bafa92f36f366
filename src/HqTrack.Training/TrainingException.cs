namespace HqTrack.Training;

/// <summary>A run that cannot start or go on; the message is one line: found, expected, what to do.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public TrainingException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
