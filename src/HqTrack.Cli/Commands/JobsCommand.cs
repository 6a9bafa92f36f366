using System.CommandLine;
using System.Globalization;
using HqTrack.Cli.Options;
using HqTrack.Web.Jobs;
using HqTrack.Web.Runs;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack jobs: runs of the tracker in a data folder, whoever works on them. What is said comes from the folder; only trying again needs the queue.</summary>
internal static class JobsCommand
{
    public static Command Create(Terminal terminal) => new("jobs", "The tracking jobs of a data folder") { List(terminal), Show(terminal), Cancel(terminal), Retry(terminal) };

    private static Command List(Terminal terminal)
    {
        var (data, json) = (Data(), Opt.Json());
        var state = Opt.Choice("--state", "Only jobs that are so", "STATE", JobRecord.States, fallback: null);
        var command = new Command("list", "Every job, newest first") { data, state, json };
        command.SetAction(parsed =>
        {
            var jobs = JobRecord.ReadAll(DataFolder.Open(parsed.GetRequiredValue(data))).Where(job => parsed.GetValue(state) is not { } wanted || job.State == wanted).Select(JobReport.Of).ToList();
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new JobListReport(jobs));
                return ExitCode.Ok;
            }

            terminal.WriteTable(["JOB", "STATE", "FRAMES", "WORKER", "NAME"], jobs.Select(job => (string[])[job.Job, job.State, $"{job.Done}/{job.Total}", job.Worker ?? "-", job.Name]));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var (data, json, id) = (Data(), Opt.Json(), new Argument<string>("JOB") { Description = "A job of 'jobs list'" });
        var command = new Command("show", "One job: what was asked, who works on it, how far it is") { id, data, json };
        command.SetAction(parsed =>
        {
            var job = JobReport.Of(Find(DataFolder.Open(parsed.GetRequiredValue(data)), parsed.GetRequiredValue(id)));
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(job);
                return ExitCode.Ok;
            }

            terminal.WriteFacts(
            [
                ("job", job.Job), ("name", job.Name), ("state", job.State), ("frames", $"{job.Done} of {job.Total}, {job.Direction} from frame {job.From}"),
                ("objects", string.Join(", ", job.Objects)), ("asked", Text(job.Asked)), ("last frame", Text(job.LastFrame)), ("ended", Text(job.Ended)),
                ("taken", $"{job.Taken} times"), ("worker", job.Worker ?? "none yet"), ("error", job.Error ?? "none"),
            ]);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Cancel(Terminal terminal)
    {
        var (data, json, ids) = (Data(), Opt.Json(), Ids());
        var command = new Command("cancel", "Stop jobs after the frame at hand; what they wrote stays") { ids, data, json };
        command.SetAction(parsed => Change(terminal, parsed.GetValue(json), parsed.GetRequiredValue(data), parsed.GetRequiredValue(ids), (_, job) =>
        {
            if (job.End is null)
            {
                RunEnd.Ask(job.Paths, TimeProvider.System);
            }
        }));
        return command;
    }

    private static Command Retry(Terminal terminal)
    {
        var (data, json, ids) = (Data(), Opt.Json(), Ids());
        var command = new Command("retry", "Go on with jobs that failed or were stopped") { ids, data };
        var store = new JobStoreOptions(command);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var folder = DataFolder.Open(parsed.GetRequiredValue(data));
            using var client = store.Find(parsed) is { } found ? JobClient.Open(folder, found) : null;
            return Change(terminal, parsed.GetValue(json), folder.Path, parsed.GetRequiredValue(ids), (_, job) =>
            {
                if (job.End is null or { State: RunEnd.Done })
                {
                    throw new UsageException($"job {job.Id} is {job.State}; only one that failed or was stopped is tried again.");
                }

                RunEnd.TakeBack(job.Paths, TimeProvider.System);
                client?.Queue.Enqueue(new(JobKind.Track, job.Project, job.Run.ToString(CultureInfo.InvariantCulture)));
            });
        });
        return command;
    }

    private static int Change(Terminal terminal, bool isJson, string data, string[] ids, Action<DataFolder, JobRecord> change)
    {
        var folder = DataFolder.Open(data);
        var jobs = ids.Select(id => Find(folder, id)).ToList(); // all are known before one is touched
        jobs.ForEach(job => change(folder, job));
        var now = ids.Select(id => JobReport.Of(Find(folder, id))).ToList();
        if (isJson)
        {
            terminal.WriteJson(new JobListReport(now));
            return ExitCode.Ok;
        }

        now.ForEach(job => terminal.Out.WriteLine($"{job.Job}  {job.State}"));
        return ExitCode.Ok;
    }

    private static JobRecord Find(DataFolder data, string id) =>
        JobRecord.Find(data, id) ?? throw new UsageException($"job '{id}' is not known; expected PROJECT/RUN as 'hqtrack jobs list' shows it.");

    private static string Text(DateTimeOffset? time) => time?.ToString("u", CultureInfo.InvariantCulture) ?? "not yet";

    private static Option<string> Data() => new("--data") { Description = "Folder of the projects", HelpName = "DIR", DefaultValueFactory = _ => "hqtrack-data" };

    private static Argument<string[]> Ids() => new("JOB") { Description = "Jobs of 'jobs list'", Arity = ArgumentArity.OneOrMore };
}

/// <summary>jobs list --json, and what cancel and retry say.</summary>
internal sealed record JobListReport(IReadOnlyList<JobReport> Jobs);

/// <summary>A job in --json.</summary>
/// <param name="Job">PROJECT/RUN.</param>
/// <param name="Project">The project's id.</param>
/// <param name="Run">The run's number in the project.</param>
/// <param name="Name">The project's name.</param>
/// <param name="State">queued, running, done, stopped or failed.</param>
/// <param name="Done">Frames written.</param>
/// <param name="Total">Frames that will be.</param>
/// <param name="From">The frame it starts at.</param>
/// <param name="Direction">forward, backward or both.</param>
/// <param name="Objects">Ids.</param>
/// <param name="Taken">How often a worker, or a person who had it tried again, took it.</param>
/// <param name="Worker">Machine and process that took it last.</param>
/// <param name="Asked">When it was asked for.</param>
/// <param name="LastFrame">When the last frame was written.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record JobReport(
    string Job, string Project, int Run, string Name, string State, int Done, int Total, int From, string Direction, IReadOnlyList<int> Objects, int Taken, string? Worker,
    DateTimeOffset Asked, DateTimeOffset? LastFrame, DateTimeOffset? Ended, string? Error)
{
    public static JobReport Of(JobRecord job) => new(
        job.Id, job.Project, job.Run, job.Name, job.State, job.Done, job.Total, job.Request.From, job.Request.Direction.ToString().ToLowerInvariant(), job.Request.Objects, job.Claims.Count,
        job.Claims is [.., { Frames: >= 0 } last] ? string.Create(CultureInfo.InvariantCulture, $"{last.Machine}:{last.Process}") : null, job.Asked, job.Touched, job.End?.At, job.End?.Error);
}
