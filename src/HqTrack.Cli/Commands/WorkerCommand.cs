using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Web.Jobs;
using Microsoft.Extensions.Logging;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack worker: tracks what waits in a job store, beside any number of other workers.</summary>
internal static class WorkerCommand
{
    public static Command Create(Terminal terminal)
    {
        var data = new Option<string>("--data") { Description = "Folder of the projects, shared by all that work on them", HelpName = "DIR", DefaultValueFactory = _ => "hqtrack-data" };
        var verbose = new Option<bool>("--verbose") { Description = "Log more on stderr" };
        var command = new Command("worker", "Track what waits in a job store") { data };
        var jobs = new JobStoreOptions(command);
        command.Options.Add(verbose);
        var model = new ModelOptions(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var store = jobs.Find(parsed) ?? throw new UsageException($"a worker takes jobs from a database; give --jobs CONNECTION or {JobStoreOptions.Variable}. Without one 'hqtrack serve' does the work itself.");
            var folder = DataFolder.Open(parsed.GetRequiredValue(data));
            store.Prepare(); // before seconds of loading
            using var tracker = model.Load(parsed);
            await Worker.RunAsync(
                folder, store, tracker, parsed.GetValue(verbose) ? LogLevel.Information : LogLevel.Warning,
                () => terminal.Out.WriteLine($"Working for {Path.GetFullPath(folder.Path)}; stop with Ctrl-C."), cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }
}
