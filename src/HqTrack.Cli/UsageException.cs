namespace HqTrack.Cli;

/// <summary>Arguments that parse one by one but do not fit together; the message is one line (exit code 2).</summary>
internal sealed class UsageException(string message) : Exception(message);
