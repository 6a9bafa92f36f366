using System.Runtime.InteropServices;
using HqTrack.Evaluation;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Training;
using HqTrack.Web.Ingest;
using HqTrack.Web.Jobs;
using HqTrack.Web.Remote;
using HqTrack.Weights;

namespace HqTrack.Cli;

/// <summary>What an exception means to the user: one line and an exit code.</summary>
internal readonly record struct Failure(int ExitCode, string Message)
{
    /// <summary>Environment variable that adds the stack trace of an unforeseen failure.</summary>
    public const string TraceVariable = "HQTRACK_TRACE";

    /// <summary>Explains an exception.</summary>
    public static Failure Of(Exception exception) => exception switch
    {
        UsageException or PromptException => new(Cli.ExitCode.Usage, OneLine(exception)),
        MediaException or EvaluationException or TrainingException or JobStoreException or IngestException or RemoteException => new(Cli.ExitCode.Failure, OneLine(exception)),
        WeightsMissingException or CheckpointMismatchException or CheckpointFormatException => new(Cli.ExitCode.Weights, OneLine(exception)),
        NativeRuntimeException => new(Cli.ExitCode.NativeRuntime, OneLine(exception)),
        DllNotFoundException or BadImageFormatException or EntryPointNotFoundException =>
            new(Cli.ExitCode.NativeRuntime, $"a native library does not load: {OneLine(exception)}; run 'hqtrack doctor'."),
        TypeInitializationException { InnerException: { } inner } => Of(inner),
        AggregateException { InnerExceptions: [var only] } => Of(only),
        IOException or UnauthorizedAccessException => new(Cli.ExitCode.Failure, OneLine(exception)),
        OutOfMemoryException => new(Cli.ExitCode.Failure, "out of memory; use a smaller --max-size or fewer objects."),
        ExternalException when exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || exception.Message.Contains("can't allocate memory", StringComparison.Ordinal) =>
            new(Cli.ExitCode.Failure, $"out of memory in the network; use a smaller --max-size or fewer objects ({FirstLine(exception)})."),
        _ => new(Cli.ExitCode.Failure, Unforeseen(exception)),
    };

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").Trim();

    private static string FirstLine(Exception e) => e.Message.ReplaceLineEndings("\n").Split('\n')[0].Trim();

    private static string Unforeseen(Exception e) => Environment.GetEnvironmentVariable(TraceVariable) is { Length: > 0 }
        ? e.ToString()
        : $"unforeseen {e.GetType().Name}: {FirstLine(e)} (this is a fault of the program; {TraceVariable}=1 shows where).";
}
