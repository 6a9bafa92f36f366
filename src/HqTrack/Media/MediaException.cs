namespace HqTrack.Media;

/// <summary>An image, mask or video that cannot be used; the message is one line: found, expected, what to do.</summary>
public sealed class MediaException : Exception
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public MediaException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its one-line message and its cause.</summary>
    public MediaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
