using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Media;
using HqTrack.Web;
using HqTrack.Web.Ingest;
using HqTrack.Web.Jobs;
using HqTrack.Web.Projects;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack submit FOLDER: every video of a folder becomes a project with a job.</summary>
internal sealed class SubmitCommand
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "Folder whose videos, animations and folders of frames are submitted, one project each" };
    private readonly Option<string> data = new("--data") { Description = "Folder of the projects; made where it is missing", HelpName = "DIR", DefaultValueFactory = _ => "hqtrack-data" };
    private readonly Option<string> direction = Opt.Choice("--direction", "forward or both ways from the first prompted frame, backward from the last", "WAY", [.. Enum.GetNames<TrackingDirection>().Select(name => name.ToLowerInvariant())], "forward");
    private readonly Option<bool> json = Opt.Json();
    private readonly JobStoreOptions jobs;
    private readonly SubmittedPrompts prompts;
    private readonly Terminal terminal;

    private SubmitCommand(Terminal terminal, Command command)
    {
        this.terminal = terminal;
        command.Arguments.Add(folder);
        prompts = new SubmittedPrompts(command);
        command.Options.Add(direction);
        command.Options.Add(data);
        jobs = new JobStoreOptions(command);
        command.Options.Add(json);
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), CancellationToken.None));
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command("submit", "Queue every video of a folder for tracking");
        _ = new SubmitCommand(terminal, command);
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        using var own = prompts;
        var videos = Videos(parsed.GetRequiredValue(folder)).Select(video => (video.Name, video.Files, Prompts: prompts.FileOf(parsed, video.Name))).ToList(); // all of it, before anything is made
        var path = parsed.GetRequiredValue(data);
        using var held = NewProject.Hold(path);
        using var client = jobs.Find(parsed) is { } store ? JobClient.Open(DataFolder.Open(path), store) : null;
        var submission = new Submission(path, new ServeLimits(), TimeProvider.System);
        var way = Enum.Parse<TrackingDirection>(parsed.GetRequiredValue(direction), ignoreCase: true);
        var report = new List<SubmittedReport>();
        foreach (var (name, files, said) in videos)
        {
            try
            {
                var ticket = submission.Add(name, files, way, frames => prompts.Read(parsed, said, frames), cancellation);
                client?.Queue.Enqueue(ticket);
                report.Add(new(name, ticket.Project, $"{ticket.Project}/{ticket.Number}", null));
            }
            catch (Exception e) when (e is IngestException or MediaException or PromptException)
            {
                report.Add(new(name, null, null, e.Message));
            }

            Tell(parsed, report[^1]);
        }

        if (parsed.GetValue(json))
        {
            terminal.WriteJson(new SubmitReport(report, client is null ? "server" : "database"));
        }

        return report.All(entry => entry.Error is null) ? ExitCode.Ok : ExitCode.Failure;
    }

    private void Tell(ParseResult parsed, SubmittedReport entry)
    {
        if (entry.Error is not null)
        {
            terminal.Error.WriteLine($"hqtrack: '{entry.Name}' was not submitted: {entry.Error}");
        }
        else if (!parsed.GetValue(json))
        {
            terminal.Out.WriteLine($"{entry.Job}  {entry.Name}");
        }
    }

    private static IReadOnlyList<(string Name, IReadOnlyList<string> Files)> Videos(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new MediaException($"the folder '{folder}' does not exist, expected one with videos or folders of frames; check the path.");
        }

        var videos = new List<(string Name, IReadOnlyList<string> Files)>();
        foreach (var path in Directory.EnumerateFileSystemEntries(folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(NaturalOrder.Instance))
        {
            var isFolder = Directory.Exists(path);
            if (!isFolder && Path.GetExtension(path).ToLowerInvariant() is ".jpg" or ".jpeg" or ".png")
            {
                throw new MediaException($"'{folder}' holds the image '{Path.GetFileName(path)}', expected videos and folders of frames; give the folder above it.");
            }

            videos.Add(isFolder ? (Path.GetFileName(path), FolderSource.Open(path).Paths) : (Path.GetFileNameWithoutExtension(path), [path]));
        }

        return videos.Count == 0 ? throw new MediaException($"the folder '{folder}' is empty, expected videos or folders of frames.")
            : videos.GroupBy(video => video.Name).FirstOrDefault(group => group.Count() > 1) is { } twice ? throw new MediaException($"the folder '{folder}' holds two videos of the name '{twice.Key}', expected one; rename one of them.")
            : videos;
    }
}

/// <summary>submit --json.</summary>
/// <param name="Videos">Each video.</param>
/// <param name="Queue">"database": jobs are queued; "server": the process that serves the data folder takes them, now or when it starts.</param>
internal sealed record SubmitReport(IReadOnlyList<SubmittedReport> Videos, string Queue);

/// <summary>A video of submit --json; Error is null where it was submitted.</summary>
internal sealed record SubmittedReport(string Name, string? Project, string? Job, string? Error);
