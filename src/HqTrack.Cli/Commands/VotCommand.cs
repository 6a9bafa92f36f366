using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Vot;
using HqTrack.Evaluation.Vot.Folder;
using HqTrack.Evaluation.Vot.Trax;

namespace HqTrack.Cli.Commands;

/// <summary>vot: be the tracker that the VOT toolkit starts.</summary>
internal sealed class VotCommand
{
    private readonly Option<string> protocol = Protocol();
    private readonly Option<string> region = Opt.Choice("--region", "What is taken and answered: mask, rectangle", "KIND", ["mask", "rectangle"], "mask");
    private readonly Option<bool> single = new("--single") { Description = "One object at a time (the toolkit then starts anew for each)" };
    private readonly Option<int?> timeout = Opt.Integer("--timeout", "Seconds without a message until the session ends [default: 3600]", 1);
    private readonly Option<string> folder = new("--folder") { Description = "The working folder of protocol 'folder'", HelpName = "DIR", DefaultValueFactory = _ => "." };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Terminal terminal;

    private VotCommand(Terminal terminal) => this.terminal = terminal;

    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var command = new VotCommand(terminal);
        var result = new Command("vot", "Serve the VOT toolkit: TraX on stdin and stdout, or its protocol 'folder'.")
        {
            command.protocol, command.region, command.single, command.timeout, command.folder, command.quiet, VotInitCommand.Create(terminal),
        };
        var model = new ModelOptions(result);
        result.SetAction((parsed, cancellation) => command.RunAsync(parsed, model, cancellation));
        return result;
    }

    /// <summary>--protocol.</summary>
    public static Option<string> Protocol() => Opt.Choice("--protocol", "trax (version 4), folder", "NAME", ["trax", "folder"], "trax");

    private async Task<int> RunAsync(ParseResult parsed, ModelOptions model, CancellationToken cancellation)
    {
        // Weights first: the toolkit waits for hello as long as it takes, but not for an answer.
        using var tracker = model.Load(parsed);
        using var objects = new RegionTracker(tracker.StartSession, tracker.Refiner != "off");
        var isBox = parsed.GetValue(region) == "rectangle";
        if (parsed.GetValue(protocol) == "folder")
        {
            var path = parsed.GetValue(folder)!;
            var (frames, count) = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "tracking", null, advance =>
                Task.FromResult(FolderProtocol.Run(path, objects, isBox, new EachFrame(advance), cancellation))).ConfigureAwait(false);
            terminal.Out.WriteLine($"{count} objects in {frames} frames");
            return ExitCode.Ok;
        }

        var options = new TraxServerOptions
        {
            Name = "hqtrack",
            Description = $"HqTrack for .NET, model {tracker.Model}, refiner {tracker.Refiner}",
            Family = "hqtrack",
            IsMultiObject = !parsed.GetValue(single),
            Regions = [parsed.GetValue(region)!],
        };
        options.Timeout = parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : options.Timeout;
        using var connection = await TraxConnection.OpenAsync(Environment.GetEnvironmentVariable, cancellation).ConfigureAwait(false);
        await new TraxServer(new TraxTracker(objects, isBox), options, connection.Input, connection.Output).RunAsync(cancellation).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private sealed class EachFrame(Advance advance) : IProgress<int>
    {
        public void Report(int value) => advance();
    }
}
