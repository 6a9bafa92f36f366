using System.CommandLine;
using HqTrack.Web.Jobs;

namespace HqTrack.Cli.Options;

/// <summary>--jobs and --lost-after: the PostgreSQL database that jobs wait in.</summary>
internal sealed class JobStoreOptions
{
    /// <summary>Environment variable for the connection string: other users can see command lines.</summary>
    public const string Variable = "HQTRACK_JOBS";

    private readonly Option<string> jobs = new("--jobs")
    {
        Description = $"PostgreSQL database that jobs wait in, \"Host=...;Database=...;Username=...;Password=...\" (or {Variable}, which other users cannot see)",
        HelpName = "CONNECTION",
    };

    private readonly Option<int?> lost = Opt.Integer("--lost-after", $"Seconds without a sign of life after which another worker takes a job; the same for all [default: {JobStore.DefaultLostSeconds}]", 5, 3600);

    /// <summary>Makes the options and adds them to a command.</summary>
    public JobStoreOptions(Command command)
    {
        command.Options.Add(jobs);
        command.Options.Add(lost);
    }

    /// <summary>Whether a database is given on the command line.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(jobs) is not null;

    /// <summary>After how long without a sign of life a worker is taken for dead.</summary>
    public TimeSpan Lost(ParseResult parsed) => TimeSpan.FromSeconds(parsed.GetValue(lost) ?? JobStore.DefaultLostSeconds);

    /// <summary>The database; null where none is given.</summary>
    /// <exception cref="UsageException">The connection string is none; the message does not repeat it.</exception>
    public JobStore? Find(ParseResult parsed)
    {
        if ((parsed.GetValue(jobs) ?? Environment.GetEnvironmentVariable(Variable)) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return JobStore.Parse(text, Lost(parsed));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--jobs (or {Variable}): {e.Message}.");
        }
    }
}
