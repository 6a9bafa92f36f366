namespace HqTrack.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Input, output or computation failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Weights are missing, damaged or another model's.</summary>
    public const int Weights = 3;

    /// <summary>libtorch or the device is not available.</summary>
    public const int NativeRuntime = 4;

    /// <summary>128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
