using HqTrack.Media;
using HqTrack.Web.Ingest;
using HqTrack.Web.Jobs;
using HqTrack.Web.Masks;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Api;

/// <summary>From what a project is to the documents of the API.</summary>
internal static class Documents
{
    public static ProjectDocument Document(this Project project)
    {
        var now = project.Now;
        var state = now.State;
        return new(
            project.Id, state.Name, project.Created, now.Revision, new(state.FrameCount, state.Width, state.Height, state.FramesPerSecond), state.Objects.Count, now.CanUndo, now.CanRedo,
            project.ActiveRun() is { } run ? project.Document(state, run) : null);
    }

    /// <summary>The run that has not ended; null where there is none.</summary>
    public static PlacedRun? ActiveRun(this Project project) => project.Now.State.Runs.FindLast(run => project.Runs.End(run.Number) is null);

    /// <summary>What a run is: queued, running, done, stopped or failed.</summary>
    public static string StateOf(this Project project, int run) =>
        project.Runs.End(run)?.State ?? (project.Runs.Count(run) == 0 && !File.Exists(project.Runs.Paths(run).Claim(1)) ? JobRecord.Queued : JobRecord.Running);

    public static RunDocument Document(this Project project, ProjectState state, PlacedRun run)
    {
        var (request, number) = (run.Request, run.Number);
        return new(
            number, project.StateOf(number), request.From, request.To, request.Direction.ToString().ToLowerInvariant(), request.Objects,
            project.Runs.Last(number), project.Runs.Count(number), RunPlan.Of(state, request, project.Masks).Frames, project.Runs.End(number)?.Error);
    }

    /// <exception cref="ApiException">The upload was deleted since it was found.</exception>
    public static UploadDocument Document(this UploadFiles files)
    {
        var (request, end) = (files.Request() ?? throw ApiException.NotFound("upload"), files.End());
        var offset = end is null ? files.Offset : request.Size;
        var state = end is null ? offset == request.Size ? "decoding" : "receiving" : end.Error is null ? "done" : "failed";
        return new(files.Id, request.Name, request.Size, offset, state, end?.First, end?.Count ?? 0, end?.Error);
    }

    public static ObjectDocument Document(this ProjectObject entry, int revision) => new(entry.Id, entry.Name, entry.Color, entry.Locked, entry.Hidden, revision);

    public static PromptDocument Document(this Placed placed) => new(
        placed.Prompt.Frame,
        placed.Prompt.Object,
        placed.Prompt.Area,
        [.. placed.Prompt.Points.Select(point => new PointDocument(point.X, point.Y, point.IsInside))],
        [.. placed.Prompt.Boxes.Select(box => box.Document())],
        placed.Revision);

    public static BoxDocument Document(this Box box) => new(box.X, box.Y, box.Width, box.Height);

    public static RleDocument Document(this Rle rle) => new([rle.Height, rle.Width], rle.ToText());

    public static FrameObjectDocument Document(this ComposedObject entry, LabelMap? labels) => new(
        entry.Id, entry.Area, entry.Box?.Document(), entry.Confidence, entry.Source.ToString().ToLowerInvariant(), labels is null ? null : Rle.Of(labels, entry.Id).Document());

    public static EditDocument Document(this Snapshot now) => new(now.Revision, now.CanUndo, now.CanRedo);
}
