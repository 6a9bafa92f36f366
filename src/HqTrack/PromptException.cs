namespace HqTrack;

/// <summary>A prompt that cannot be meant: outside the frame, empty, not a number, for an object that is there already; the message is one line.</summary>
public sealed class PromptException : Exception
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public PromptException(string message)
        : base(message)
    {
    }
}
