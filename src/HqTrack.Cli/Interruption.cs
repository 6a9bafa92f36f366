using System.Runtime.InteropServices;

namespace HqTrack.Cli;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation: the first one asks the command to finish its frame and close its files, a second one ends
/// the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The shell's code of the signal that came.</summary>
    public int ExitCode { get; private set; } = Cli.ExitCode.Interrupted;

    /// <summary>Listens to this process's signals.</summary>
    public static Interruption OfThisProcess()
    {
        var interruption = new Interruption();
        interruption.Listen(PosixSignal.SIGINT, Cli.ExitCode.Interrupted);
        interruption.Listen(PosixSignal.SIGTERM, Cli.ExitCode.Terminated);
        return interruption;
    }

    /// <summary>Interrupts as a signal would.</summary>
    public void Interrupt(int exitCode)
    {
        ExitCode = exitCode;
        source.Cancel();
    }

    public void Dispose()
    {
        registrations.ForEach(registration => registration.Dispose());
        source.Dispose();
    }

    private void Listen(PosixSignal signal, int exitCode) => registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        if (!source.IsCancellationRequested)
        {
            context.Cancel = true;
            Interrupt(exitCode);
        }
    }));
}
