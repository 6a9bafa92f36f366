using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using HqTrack.Cli.Commands;
using HqTrack.Cli.Output;
using HqTrack.Runtime;

namespace HqTrack.Cli;

/// <summary>The command line as a whole: the list of commands, parsing, and the one place where failures become a line and an exit code.</summary>
internal static class CommandLine
{
    private const string LibTorch = "--libtorch";

    /// <summary>Parses and runs.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="terminal">Where results and messages go.</param>
    /// <param name="interruption">Ctrl-C and SIGTERM; null when nothing interrupts.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, Interruption? interruption = null)
    {
        using var none = new Interruption();
        interruption ??= none;
        var parsed = Root(terminal).Parse(args);
        var isJson = args.Contains("--json");
        if (parsed.Action is ParseErrorAction)
        {
            return Fail(terminal, isJson, ExitCode.Usage, $"{Explain(parsed)} See '{PathOf(parsed.CommandResult)} --help'.");
        }

        if (parsed.GetValue<string>(LibTorch) is { } folder)
        {
            Environment.SetEnvironmentVariable(NativeRuntime.LibTorchVariable, folder);
        }

        try
        {
            var invocation = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // signals are the interruption's
            };
            return await parsed.InvokeAsync(invocation, interruption.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return Fail(terminal, isJson, interruption.ExitCode, "interrupted; what was finished before is written.");
        }
        catch (Exception e)
        {
            var failure = Failure.Of(e);
            return Fail(terminal, isJson, failure.ExitCode, failure.Message);
        }
    }

    /// <summary>Every command.</summary>
    internal static Command Root(Terminal terminal)
    {
        var root = new Command("hqtrack", "Track anything in a video, with precise masks.")
        {
            new HelpOption(),
            new VersionOption(),
            new Option<string>(LibTorch) { Description = $"Another libtorch: its lib folder (or {NativeRuntime.LibTorchVariable})", HelpName = "DIR", Recursive = true },
            DemoCommand.Create(terminal),
            TrackCommand.Create(terminal),
            SegmentCommand.Create(terminal),
            ServeCommand.Create(terminal),
            SubmitCommand.Create(terminal),
            JobsCommand.Create(terminal),
            WorkerCommand.Create(terminal),
            EvalCommand.Create(terminal),
            AblateCommand.Create(terminal),
            VotCommand.Create(terminal),
            BenchCommand.Create(terminal),
            TrainCommand.Create(terminal),
            ModelsCommand.Create(terminal),
            DoctorCommand.Create(terminal),
        };
        root.SetAction(parsed =>
        {
            new HelpAction().Invoke(parsed);
            return ExitCode.Usage;
        });
        return root;
    }

    // With --json, stdout holds one document whatever happens.
    private static int Fail(Terminal terminal, bool isJson, int exitCode, string message)
    {
        if (isJson)
        {
            terminal.WriteJson(new FailureReport(message, exitCode));
        }

        terminal.Error.WriteLine($"hqtrack: {message}");
        return exitCode;
    }

    private static string Explain(ParseResult parsed)
    {
        var missing = parsed.Errors.Select(error => error.SymbolResult).OfType<ArgumentResult>().FirstOrDefault(result => result.Tokens.Count == 0);
        if (missing is not null && parsed.UnmatchedTokens.Count == 0)
        {
            return $"{missing.Argument.Name} is missing: {missing.Argument.Description}.";
        }

        var message = parsed.Errors[0].Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return $"{char.ToLowerInvariant(message[0])}{message[1..]}.";
    }

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : command.Command.Name;
}
