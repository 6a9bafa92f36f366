namespace HqTrack.Runtime;

/// <summary>libtorch or its .NET wrapper cannot be loaded; the message names the package or option that helps (exit code 4).</summary>
public sealed class NativeRuntimeException : Exception
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public NativeRuntimeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
