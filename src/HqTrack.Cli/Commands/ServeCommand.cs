using System.CommandLine;
using System.Net;
using HqTrack.Cli.Options;
using HqTrack.Refiner;
using HqTrack.Web;
using HqTrack.Web.Security;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack serve: the annotator page and its API.</summary>
internal sealed class ServeCommand
{
    /// <summary>Environment variable for the token: other users can see command lines.</summary>
    public const string TokenVariable = "HQTRACK_TOKEN";

    private readonly Option<string> data = new("--data") { Description = "Folder of the projects; made where it is missing", HelpName = "DIR", DefaultValueFactory = _ => "hqtrack-data" };
    private readonly Option<int?> port = Opt.Integer("--port", "Port to listen on, 0 for a free one [default: 8420]", 0, 65535);
    private readonly Option<string> host = new("--host") { Description = "Address to listen on: localhost, * for every address, or one of them", HelpName = "ADDRESS", DefaultValueFactory = _ => "localhost" };
    private readonly Option<string[]> allowed = new("--allow-host") { Description = "Another name that browsers know the server by, behind a proxy for instance; may be repeated", HelpName = "NAME" };
    private readonly Option<string> token = new("--token") { Description = $"Secret that lets its holder in as admin (or {TokenVariable}, which other users cannot see)", HelpName = "SECRET" };
    private readonly Option<string> tokens = new("--tokens") { Description = "File of tokens, a line each: read|edit|admin NAME SECRET", HelpName = "FILE" };
    private readonly Option<string> prompts = Opt.Choice("--prompts", "The network that turns points and boxes into masks", "NAME", [.. RefinerModel.Names.Where(name => name != RefinerModel.Off)], "sam-lite");
    private readonly Option<bool> noTracking = new("--no-tracking") { Description = "Leave tracking to workers: those of --jobs, and remote ones" };
    private readonly Option<bool> noExample = new("--no-example") { Description = "Make no example project in an empty folder" };
    private readonly Option<bool> verbose = new("--verbose") { Description = "Log every request on stderr" };
    private readonly Terminal terminal;

    private ServeCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var serve = new ServeCommand(terminal);
        var command = new Command("serve", "Serve the annotator page and its API")
        {
            serve.data, serve.port, serve.host, serve.allowed, serve.token, serve.tokens, serve.prompts, serve.noExample, serve.verbose,
        };
        var jobs = new JobStoreOptions(command);
        command.Options.Add(serve.noTracking);
        var model = new ModelOptions(command);
        command.SetAction((parsed, cancellation) => serve.RunAsync(parsed, jobs, model, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, JobStoreOptions jobs, ModelOptions model, CancellationToken cancellation)
    {
        var options = new ServeOptions
        {
            Data = parsed.GetRequiredValue(data),
            Host = Address(parsed.GetRequiredValue(host)),
            Port = parsed.GetValue(port) ?? 8420,
            AllowedHosts = parsed.GetValue(allowed) ?? [],
            Tokens = Tokens(parsed),
            Model = model.Name(parsed),
            Refiner = parsed.GetRequiredValue(prompts),
            Models = model.Options(parsed),
            Jobs = jobs.Find(parsed),
            Lost = jobs.Lost(parsed),
            Tracks = !parsed.GetValue(noTracking),
            Example = !parsed.GetValue(noExample),
            LogLevel = parsed.GetValue(verbose) ? Microsoft.Extensions.Logging.LogLevel.Information : Microsoft.Extensions.Logging.LogLevel.Warning,
        };
        if (options.Tokens.Count == 0 && !IsLoopback(options.Host))
        {
            throw new UsageException($"--host {options.Host} is open to other machines, and no token is set; give --tokens FILE or {TokenVariable}.");
        }

        await using var server = await WebServer.StartAsync(options, cancellation).ConfigureAwait(false);
        terminal.Out.WriteLine($"Serving {Path.GetFullPath(options.Data)} at {server.Address}; stop with Ctrl-C.");
        await server.RunAsync(cancellation).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private List<AccessToken> Tokens(ParseResult parsed)
    {
        var all = new List<AccessToken>();
        var variable = Environment.GetEnvironmentVariable(TokenVariable);
        if ((parsed.GetValue(token) ?? (string.IsNullOrEmpty(variable) ? null : variable)) is { } secret)
        {
            all.Add(AccessToken.Of("admin", Role.Admin, secret));
        }

        if (parsed.GetValue(tokens) is { } file)
        {
            all.AddRange(AccessToken.ReadFile(file));
        }

        return all;
    }

    private static string Address(string text) => text is "localhost" or "*" || IPAddress.TryParse(text, out _)
        ? text
        : throw new UsageException($"--host '{text}' is no address; expected localhost, *, or an IP address such as 192.168.1.10.");

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
