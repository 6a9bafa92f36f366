using System.Text.Json;
using HqTrack.Exports;
using HqTrack.Media;
using HqTrack.Refiner;

namespace HqTrack;

/// <summary>
/// The way down through a video. It starts where the last of its objects is pointed out; its results lie in a folder, a mask and a line of
/// JSON a frame, until the frames are written in their order.
/// </summary>
/// <param name="session">A session without objects.</param>
/// <param name="folder">Gets NNNNN.png and NNNNN.json; made where it is missing.</param>
internal sealed class BackwardPass(TrackingSession session, string folder)
{
    /// <summary>Called for every frame.</summary>
    public Action<int>? Tracked { get; init; }

    /// <summary>The unfinished run that is saved to, or gone on with; null for none.</summary>
    public RunFolder? Run { get; init; }

    /// <summary>Tracks down to the source's first frame.</summary>
    /// <exception cref="MediaException">A frame cannot be read, or a result cannot be written.</exception>
    /// <exception cref="PromptException">A prompt is refused, or is for a frame that does not come.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Track(FrameSource source, TrackingPass pass, CancellationToken cancellationToken)
    {
        AtomicFile.CreateFolder(folder);
        var state = Run?.State;
        var done = state?["backward"]?.GetValue<int>();
        if (state?["frame"] is not null || state?["backward_done"] is not null)
        {
            return; // an earlier process came to the bottom
        }

        var waiting = new HashSet<int>(pass.Actions.Keys.Where(frame => !(frame >= done)));
        var checkpoints = Run is null ? null : new Checkpoints(Run, session, new Dictionary<string, IExport>());
        foreach (var frame in source.ReadBackward(done - 1 ?? pass.Start, cancellationToken))
        {
            CheckPassed(waiting, source, frame.Index);
            var result = pass.Follow(session, frame);
            waiting.Remove(frame.Index);
            AtomicFile.Write(PathOf(frame.Index, "json"), JsonSerializer.SerializeToUtf8Bytes(new Line(result.Objects, result.Refinements)));
            IndexedPng.Write(PathOf(frame.Index, "png"), result.Labels);
            Tracked?.Invoke(frame.Index);
            if (checkpoints is not null && (checkpoints.IsDue || cancellationToken.IsCancellationRequested))
            {
                checkpoints.CommitBackward(frame.Index, checkpoints.SaveSession(frame.Index));
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        CheckPassed(waiting, source, -1);
        checkpoints?.CommitBackward(null, null);
    }

    /// <summary>A frame's result.</summary>
    /// <exception cref="MediaException">It is missing or damaged.</exception>
    public TrackedFrame Read(Frame frame)
    {
        var line = JsonSerializer.Deserialize<Line>(ImageFile.ReadBytes(PathOf(frame.Index, "json")))!;
        return new(frame.Index, IndexedPng.Read(PathOf(frame.Index, "png")), line.Objects) { Refinements = line.Refinements };
    }

    // On the way down a frame above the present one does not come any more.
    private static void CheckPassed(HashSet<int> waiting, FrameSource source, int present)
    {
        if (waiting.Where(frame => frame > present).Cast<int?>().Max() is { } missed)
        {
            throw new PromptException($"a prompt is for frame {missed}, which is not among the frames of '{source.Name}'{(present < 0 ? string.Empty : $" (the last one that can be decoded is {present})")}; give a frame that is tracked.");
        }
    }

    private string PathOf(int index, string extension) => Path.Combine(folder, $"{index:D5}.{extension}");

    private sealed record Line(IReadOnlyList<TrackedObject> Objects, IReadOnlyList<ObjectRefinement> Refinements);
}
