using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Web.Jobs;
using HqTrack.Web.Remote;
using Microsoft.Extensions.Logging;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack worker: tracks what waits in a job store or with a server, beside any number of other workers.</summary>
internal sealed class WorkerCommand
{
    private const int DefaultPatience = 300;

    private readonly Option<string> data = new("--data") { Description = "Folder of the projects, shared by all that work on them", HelpName = "DIR", DefaultValueFactory = _ => "hqtrack-data" };
    private readonly Option<string> remote = new("--remote") { Description = "Work for the 'hqtrack serve' at this address, which has the data folder and the jobs: frames are pulled, results pushed", HelpName = "URL" };
    private readonly Option<string> token = new("--token") { Description = $"With --remote: a token of the server with the role edit (or {ServeCommand.TokenVariable}, which other users cannot see)", HelpName = "SECRET" };
    private readonly Option<int?> patience = Opt.Integer("--patience", $"With --remote: seconds that the server may be away [default: {DefaultPatience}]", 1, 86400);
    private readonly Option<bool> verbose = new("--verbose") { Description = "Log more on stderr" };
    private readonly Terminal terminal;

    private WorkerCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var worker = new WorkerCommand(terminal);
        var command = new Command("worker", "Track what waits in a job store, or with a server") { worker.data };
        var jobs = new JobStoreOptions(command);
        foreach (var option in (Option[])[worker.remote, worker.token, worker.patience, worker.verbose])
        {
            command.Options.Add(option);
        }

        var model = new ModelOptions(command);
        command.SetAction((parsed, cancellation) => parsed.GetValue(worker.remote) is { } address
            ? worker.WorkRemotelyAsync(parsed, Address(address), jobs, model, cancellation)
            : worker.WorkAsync(parsed, jobs, model, cancellation));
        return command;
    }

    private async Task<int> WorkAsync(ParseResult parsed, JobStoreOptions jobs, ModelOptions model, CancellationToken cancellation)
    {
        var store = jobs.Find(parsed) ?? throw new UsageException(
            $"a worker takes jobs from a database or from a server; give --jobs CONNECTION (or {JobStoreOptions.Variable}) or --remote URL. Without workers 'hqtrack serve' does the work itself.");
        if (parsed.GetValue(token) is not null || parsed.GetValue(patience) is not null)
        {
            throw new UsageException("--token and --patience are for a server; give --remote URL too, or leave them out.");
        }

        var folder = DataFolder.Open(parsed.GetRequiredValue(data));
        store.Prepare(); // before seconds of loading
        using var tracker = model.Load(parsed);
        await Worker.RunAsync(folder, store, tracker, Level(parsed), () => Say(Path.GetFullPath(folder.Path)), cancellation).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private async Task<int> WorkRemotelyAsync(ParseResult parsed, Uri address, JobStoreOptions jobs, ModelOptions model, CancellationToken cancellation)
    {
        if (jobs.IsGiven(parsed) || parsed.GetResult(data) is { Implicit: false })
        {
            throw new UsageException("--remote leaves the data folder and the jobs to the server; leave out --data and --jobs.");
        }

        var secret = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(ServeCommand.TokenVariable);
        if (secret?.Any(c => c is <= ' ' or > '~') is true)
        {
            throw new UsageException($"the token (--token or {ServeCommand.TokenVariable}) holds a space, a line end or a letter that is not ASCII; give the secret alone.");
        }

        await RemoteWorker.RunAsync(
            address, string.IsNullOrEmpty(secret) ? null : secret, TimeSpan.FromSeconds(parsed.GetValue(patience) ?? DefaultPatience), () => model.Load(parsed), Level(parsed),
            () => Say(address.AbsoluteUri), cancellation).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private void Say(string what) => terminal.Out.WriteLine($"Working for {what}; stop with Ctrl-C.");

    private LogLevel Level(ParseResult parsed) => parsed.GetValue(verbose) ? LogLevel.Information : LogLevel.Warning;

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address is { UserInfo: "", Query: "", Fragment: "" }
            ? address
            : throw new UsageException($"--remote is no address of a server; expected such as https://annotate.example.org, with the token in --token or {ServeCommand.TokenVariable}.");
}
