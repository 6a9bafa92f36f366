using System.Text.Json.Nodes;
using HqTrack.Cli.Output;
using HqTrack.Exports;
using HqTrack.Media;

namespace HqTrack.Cli.Commands;

/// <summary>What a run of `track` is made from.</summary>
/// <param name="Directory">The output folder.</param>
/// <param name="Source">The video.</param>
/// <param name="Plan">What a person said.</param>
/// <param name="Kinds">Formats to write.</param>
/// <param name="Events">File for events, or null.</param>
/// <param name="Refinements">File for the refiner's doings, or null.</param>
/// <param name="Identity">Inputs and options by name.</param>
/// <param name="Resumes">Whether an unfinished run is gone on with.</param>
internal sealed record TrackRequest(
    string Directory, FrameSource Source, TrackingPlan Plan, IReadOnlyList<ExportKind> Kinds, string? Events, string? Refinements, JsonObject Identity, bool Resumes);

/// <summary>One run of `track`: new, or gone on with where an earlier process stopped.</summary>
internal sealed class TrackRun : IDisposable
{
    private const string Summary = "summary";

    private readonly TrackRequest request;
    private readonly RunFolder folder;
    private readonly TrackingSession session;
    private readonly TrackingSession? backward;
    private readonly Dictionary<string, IExport> exports = new(StringComparer.Ordinal);

    /// <summary>Opens the run folder, the sessions and the exports.</summary>
    /// <exception cref="MediaException">The output folder cannot be written, or holds an unfinished run of other inputs or options.</exception>
    public TrackRun(TrackRequest request, HqTracker tracker)
    {
        this.request = request;
        folder = RunFolder.Open(request.Directory, request.Identity, request.Resumes && !request.Source.Name.StartsWith("/dev/", StringComparison.Ordinal));
        var saved = folder.State?["session"]?.GetValue<string>() is { } name ? folder.PathOf(name) : null;
        var isBackward = folder.State?["backward"] is not null;
        session = saved is null || isBackward ? tracker.StartSession() : tracker.ResumeSession(saved);
        try
        {
            backward = request.Plan.Backward is null ? null : isBackward && saved is not null ? tracker.ResumeSession(saved) : tracker.StartSession();
            foreach (var kind in request.Kinds)
            {
                exports[kind.Name] = kind.Open(Target(kind.Name));
            }

            if (request.Events is { } events)
            {
                exports["events"] = new EventsExport(Target("events"), events);
            }

            if (request.Refinements is { } refinements)
            {
                exports["refinements"] = new RefinementLog(Target("refinements"), refinements);
            }

            exports[Summary] = Objects = new ObjectSummaries(Target(Summary).State);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The last frame of an earlier process that this run goes on with; null for a new run.</summary>
    public int? ResumesAfter => folder.Frame;

    /// <summary>What became of the objects, over all processes.</summary>
    public ObjectSummaries Objects { get; private set; } = null!;

    /// <summary>Tracks to the end and closes the files; where it does not come to the end the files are closed as well, and the run can be gone on with.</summary>
    /// <exception cref="MediaException">A frame cannot be read or a result not written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<TrackingSummary> RunAsync(Advance advance, CancellationToken cancellation)
    {
        var pipeline = new TrackingPipeline(request.Source, session, request.Plan)
        {
            Exports = [.. exports.Values],
            Checkpoints = new(folder, session, exports),
            ResumesAfter = ResumesAfter,
            Backward = backward is null ? null : new(backward, folder.PathOf("backward")) { Run = folder, Tracked = _ => advance(0, "tracking backward") },
            Tracked = (_, _) => advance(1, "tracking"),
        };
        TrackingSummary summary;
        try
        {
            summary = await pipeline.RunAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            CloseQuietly();
            throw;
        }

        foreach (var export in exports.Values)
        {
            export.Close();
        }

        Dispose();
        folder.Remove();
        return summary;
    }

    public void Dispose()
    {
        foreach (var export in exports.Values)
        {
            export.Dispose();
        }

        exports.Clear();
        backward?.Dispose();
        session.Dispose();
    }

    private ExportTarget Target(string name) => new(request.Directory, request.Source, folder.State?["exports"]?[name]?.AsObject());

    // What stopped the run is what is reported, also where it keeps files from being closed (a full disk).
    private void CloseQuietly()
    {
        foreach (var export in Objects.Frames == 0 ? [] : exports.Values.ToList())
        {
            try
            {
                export.Close();
            }
            catch (MediaException)
            {
            }
        }
    }
}
