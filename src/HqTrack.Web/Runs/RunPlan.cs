using HqTrack.Media;
using HqTrack.Web.Masks;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Runs;

/// <summary>One way through the frames of a run.</summary>
/// <param name="Name">forward or backward.</param>
/// <param name="Frames">Indices in the order in which they are tracked, the run's first frame included.</param>
/// <param name="WritesFirst">Whether the first frame's result is this pass's to write.</param>
internal sealed record RunPass(string Name, IReadOnlyList<int> Frames, bool WritesFirst);

/// <summary>What is known of a frame before it is tracked.</summary>
/// <param name="Labels">Masks of the objects that have pixels.</param>
/// <param name="Absent">Objects that are said not to be there.</param>
internal sealed record KnownFrame(LabelMap Labels, IReadOnlyList<int> Absent)
{
    /// <summary>Whether nothing is known.</summary>
    public bool IsEmpty => Absent.Count == 0 && Labels.ObjectIds().Count == 0;
}

/// <summary>What a run does: a function of the project as it was when the run was asked for, so every attempt and every machine does the same.</summary>
internal sealed class RunPlan
{
    /// <summary>Prompted frames behind the first one that are remembered besides it, the nearest ones.</summary>
    private const int References = 4;

    private readonly ProjectState state;
    private readonly TrackRequested request;
    private readonly MaskComposer masks;

    private RunPlan(ProjectState state, TrackRequested request, MaskComposer masks) => (this.state, this.request, this.masks) = (state, request, masks);

    /// <summary>The project as it was.</summary>
    public ProjectState State => state;

    /// <summary>What was asked.</summary>
    public TrackRequested Request => request;

    /// <summary>Hashes of the masks that persons gave and the run needs.</summary>
    public IEnumerable<string> Blobs => state.Prompts.Values.Select(placed => placed.Prompt).Where(prompt => prompt.Frame == request.From || IsFollowed(prompt))
        .Select(prompt => prompt.Mask).Concat(state.Locks.Values).Distinct();

    /// <summary>Frames that will be written.</summary>
    public int Frames => Passes.Sum(pass => pass.Frames.Count - (pass.WritesFirst ? 0 : 1));

    /// <summary>Reads what a run was asked to do.</summary>
    /// <exception cref="MediaException">The project's journal has no such run, or cannot be read.</exception>
    public static RunPlan Read(ProjectFolder folder, RunResults results, int run)
    {
        var entries = Journal.Read(folder.Journal);
        return run >= 1 && run <= entries.Count && entries[run - 1].Edit is TrackRequested request
            ? Of(new EditHistory(entries.Take(run - 1)).State, request, new(folder, results))
            : throw new MediaException($"'{folder.Journal}' has no run {run}; it was made by another version, or restored from a backup.");
    }

    /// <summary>Plans a run.</summary>
    public static RunPlan Of(ProjectState state, TrackRequested request, MaskComposer masks) => new(state, request, masks);

    /// <summary>The passes, in order.</summary>
    public IReadOnlyList<RunPass> Passes
    {
        get
        {
            var upTo = request.Direction == TrackingDirection.Backward ? state.FrameCount - 1 : request.To ?? state.FrameCount - 1;
            var downTo = request.Direction == TrackingDirection.Forward ? 0 : request.To ?? 0;
            var forward = new RunPass("forward", [.. Enumerable.Range(request.From, Math.Max(1, upTo - request.From + 1))], true);
            var backward = new RunPass("backward", [.. Enumerable.Range(downTo, Math.Max(1, request.From - downTo + 1)).Reverse()], request.Direction == TrackingDirection.Backward);
            return request.Direction switch
            {
                TrackingDirection.Forward => [forward],
                TrackingDirection.Backward => [backward],
                _ => [forward, backward],
            };
        }
    }

    /// <summary>Prompted frames that a pass does not come to, in the order towards its first frame.</summary>
    public IReadOnlyList<int> Behind(RunPass pass)
    {
        var isForward = pass.Name == "forward";
        var behind = state.Prompts.Values.Where(placed => IsFollowed(placed.Prompt) && (isForward ? placed.Prompt.Frame < request.From : placed.Prompt.Frame > request.From))
            .Select(placed => placed.Prompt.Frame).Distinct();
        return [.. (isForward ? behind.Order() : behind.OrderDescending()).TakeLast(References)];
    }

    /// <summary>What the run starts from: the objects as they are to be seen in its first frame.</summary>
    public KnownFrame Start()
    {
        var composed = masks.Compose(state, request.From);
        return new(LabelMerge.Only(composed.Labels, [.. request.Objects]), Said(request.From).Absent);
    }

    /// <summary>What persons say of a frame.</summary>
    public KnownFrame Said(int frame)
    {
        var labels = new LabelMap(state.Width, state.Height);
        var absent = new List<int>();
        foreach (var prompt in state.PromptsAt(frame).Select(placed => placed.Prompt).Where(IsFollowed))
        {
            if (prompt.Area == 0)
            {
                absent.Add(prompt.Object);
            }
            else
            {
                labels = LabelMerge.Replace(labels, masks.Kept(prompt.Mask), [prompt.Object]);
            }
        }

        return new(labels, absent);
    }

    /// <summary>Locked frames and their masks of the objects that are followed.</summary>
    public IEnumerable<(int Frame, LabelMap Labels)> Locks() =>
        state.Locks.Select(entry => (entry.Key, LabelMerge.Only(masks.Kept(entry.Value), [.. request.Objects])));

    private bool IsFollowed(PromptSet prompt) => request.Objects.Contains(prompt.Object);
}
