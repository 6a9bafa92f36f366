using System.Globalization;
using HqTrack.Media;
using HqTrack.Web.Masks;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Jobs;

/// <summary>A run of the tracker as a job, from what lies in its project's folder: true whatever the queue says, and with no server or database at hand.</summary>
/// <param name="Folder">The project's.</param>
/// <param name="Project">The project's id.</param>
/// <param name="Name">The project's name.</param>
/// <param name="Run">The run's number.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Asked">When.</param>
/// <param name="Done">Frames written.</param>
/// <param name="Total">Frames that will be.</param>
/// <param name="Claims">Who took it, oldest first.</param>
/// <param name="Touched">When the last frame was written; null before the first.</param>
/// <param name="End">How it ended; null while it has not.</param>
internal sealed record JobRecord(
    ProjectFolder Folder, string Project, string Name, int Run, TrackRequested Request, DateTimeOffset Asked, int Done, int Total, IReadOnlyList<RunClaim> Claims, DateTimeOffset? Touched, RunEnd? End)
{
    public const string Queued = "queued";
    public const string Running = "running";

    /// <summary>Everything that a job can be.</summary>
    public static readonly IReadOnlyList<string> States = [Queued, Running, RunEnd.Done, RunEnd.Stopped, RunEnd.Failed];

    /// <summary>Its name for people: PROJECT/RUN.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Project}/{Run}");

    /// <summary>One of <see cref="States"/>; running also where its worker died and no other has come yet.</summary>
    public string State => End?.State ?? (Claims is [] or [.., { Frames: < 0 }] ? Queued : Running);

    /// <summary>Where it lies.</summary>
    public RunPaths Paths => new(Folder.Run(Run));

    /// <summary>The jobs of a data folder, newest first.</summary>
    /// <exception cref="MediaException">A project is damaged.</exception>
    public static IReadOnlyList<JobRecord> ReadAll(DataFolder data) =>
    [
        .. Directory.EnumerateDirectories(ProjectFolder.RootOf(data.Path)).Select(path => Path.GetFileName(path))
            .SelectMany(id => ProjectFolder.Find(data.Path, id) is { } folder ? Read(folder, id) : [])
            .OrderByDescending(job => job.Asked).ThenBy(job => job.Id, StringComparer.Ordinal),
    ];

    /// <summary>A job by its id; null where there is none.</summary>
    /// <exception cref="MediaException">Its project is damaged.</exception>
    public static JobRecord? Find(DataFolder data, string id) =>
        id.Split('/') is [var project, var run] && ProjectFolder.Find(data.Path, project) is { } folder
            ? Read(folder, project).FirstOrDefault(job => job.Id == $"{project}/{run}")
            : null;

    private static IEnumerable<JobRecord> Read(ProjectFolder folder, string id)
    {
        var entries = Journal.Read(folder.Journal);
        var state = new EditHistory(entries).State;
        var results = new RunResults(folder);
        return state.Runs.Select(run =>
        {
            var paths = results.Paths(run.Number);
            return new JobRecord(
                folder, id, state.Name, run.Number, run.Request, entries[run.Number - 1].At, results.Count(run.Number), RunPlan.Of(state, run.Request, new MaskComposer(folder, results)).Frames,
                RunClaim.ReadAll(paths), File.Exists(paths.Frames) ? File.GetLastWriteTimeUtc(paths.Frames) : null, results.End(run.Number));
        });
    }
}
