using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner;

/// <summary>A refined frame.</summary>
/// <param name="Labels">Object ids; the proposal itself where nothing was refined.</param>
/// <param name="Objects">What was done with each object, in the order asked for.</param>
internal sealed record RefinedFrame(LabelMap Labels, IReadOnlyList<ObjectRefinement> Objects);

/// <summary>
/// The right box of the figure: each object's tight box prompts a network of the SAM family, and a gate decides whether the mask it
/// gives replaces the segmenter's. The image is encoded once a frame, and not at all where no object is due; boxes go through the
/// decoder in batches of a bounded size. One refiner serves one video. Every call belongs on the thread that owns the model, inside inference mode.
/// </summary>
internal sealed class MaskRefiner(SamPredictor predictor, RefinementGate gate, RefinementSchedule schedule) : IDisposable
{
    /// <summary>Boxes in one batch of the decoder; the bound on its memory.</summary>
    public const int BatchSize = 4;

    /// <summary>Frames seen so far, which the schedule counts; part of a saved session.</summary>
    public int Frames { get; set; }

    /// <summary>Refines the label map of the next tracked frame.</summary>
    /// <param name="frame">The image.</param>
    /// <param name="proposal">The segmenter's labels, of the image's size.</param>
    /// <param name="ids">The tracked objects, with or without pixels in the proposal.</param>
    /// <param name="confidence">The segmenter's confidence per object, for the schedule.</param>
    /// <param name="probability">Its probability per object and pixel, for overlaps.</param>
    /// <param name="times">Gets the time of the stages refine-encode, refine-decode and refine-merge.</param>
    public RefinedFrame Refine(
        Frame frame, LabelMap proposal, IReadOnlyList<int> ids, Func<int, double> confidence, ProposalProbability probability, StageTimes times)
    {
        var isFrameDue = schedule.IsFrameDue(Frames++);
        var proposals = BinaryMask.PerId(proposal);
        var reports = new Dictionary<int, ObjectRefinement>();
        foreach (var id in ids)
        {
            var mask = proposals.GetValueOrDefault(id);
            if (Skipped(mask, isFrameDue, () => confidence(id)) is { } outcome)
            {
                reports[id] = new(id, Prompt(mask), null, null, outcome);
            }
        }

        var due = proposals.Where(entry => ids.Contains(entry.Key) && !reports.ContainsKey(entry.Key)).ToList();
        var labels = due.Count == 0 ? proposal : Refine(frame, proposal, proposals, due, reports, probability, times);
        return new(labels, [.. ids.Select(id => reports[id])]);
    }

    /// <summary>Masks of new objects from boxes and points.</summary>
    /// <exception cref="PromptException">An object came out empty.</exception>
    public LabelMap Segment(Frame frame, IReadOnlyList<ObjectPrompt> objects)
    {
        try
        {
            predictor.SetImage(frame);
            return PromptMasks.Predict(predictor, objects).Labels;
        }
        finally
        {
            predictor.Reset();
        }
    }

    /// <summary>The prompt for a mask: first and last pixel of its rows and columns, without margin, as the release has it.</summary>
    public static Corners BoxAround(BinaryMask mask)
    {
        var (left, top, right, bottom) = mask.Bounds() ?? throw new ArgumentException("the mask is empty; expected at least one pixel.", nameof(mask));
        return new(left, top, right, bottom);
    }

    public void Dispose() => predictor.Dispose();

    private static Box? Prompt(BinaryMask? mask) =>
        mask?.Bounds() is { } bounds ? new Box(bounds.Left, bounds.Top, bounds.Right - bounds.Left + 1, bounds.Bottom - bounds.Top + 1) : null;

    private RefinementOutcome? Skipped(BinaryMask? mask, bool isFrameDue, Func<double> confidence) => mask switch
    {
        null => RefinementOutcome.Absent,
        _ when !isFrameDue => RefinementOutcome.NotDue,
        _ when !gate.IsRelease && RefinementPolicy.IsTiny(mask.Area, mask.Width, mask.Height, predictor.Network.Config.MaskGrid) => RefinementOutcome.Tiny,
        _ when !schedule.IsObjectDue(confidence()) => RefinementOutcome.Confident,
        _ => null,
    };

    private LabelMap Refine(
        Frame frame,
        LabelMap proposal,
        SortedDictionary<int, BinaryMask> proposals,
        List<KeyValuePair<int, BinaryMask>> due,
        Dictionary<int, ObjectRefinement> reports,
        ProposalProbability probability,
        StageTimes times)
    {
        times.Measure("refine-encode", () =>
        {
            predictor.SetImage(frame);
            return true;
        });
        var refined = new Dictionary<int, BinaryMask>();
        foreach (var batch in due.Chunk(BatchSize))
        {
            var candidates = times.Measure("refine-decode", () => Candidates([.. batch.Select(entry => entry.Value)]));
            for (var i = 0; i < batch.Length; i++)
            {
                var (id, mask) = batch[i];
                var decision = RefinementPolicy.Choose(gate, mask, candidates[i]);
                reports[id] = new(
                    id, Prompt(mask), decision.PredictedIou, decision.MeasuredIou, decision.IsKept ? RefinementOutcome.Kept : RefinementOutcome.BelowThreshold);
                if (decision.IsKept)
                {
                    refined[id] = candidates[i][decision.Index].Mask;
                }
            }
        }

        predictor.Reset();
        var objects = proposals.Select(entry => new ObjectMasks(entry.Key, entry.Value, refined.GetValueOrDefault(entry.Key))).ToList();
        return times.Measure("refine-merge", () => RefinementPolicy.Merge(gate, proposal, objects, probability));
    }

    private List<RefinementCandidate>[] Candidates(BinaryMask[] masks)
    {
        using var scope = NewDisposeScope();
        var prediction = predictor.Predict([.. masks.Select(mask => new SamPrompt(BoxAround(mask)))], gate.IsByMeasuredIou ? MaskChoice.Every : MaskChoice.Multiple);
        var iou = TensorSpan.ToArray<float>(prediction.Iou);
        var each = (int)prediction.Iou.size(1);
        return [.. masks.Select((mask, i) => Enumerable.Range(0, each).Select(m => new RefinementCandidate(Mask(prediction.LowRes[i, m], mask), iou[(i * each) + m])).ToList())];
    }

    /// <summary>One candidate at the frame's size; full-size logits live one at a time.</summary>
    private BinaryMask Mask(Tensor lowRes, BinaryMask like)
    {
        using var scope = NewDisposeScope();
        return BinaryMask.AboveZero(TensorSpan.ToArray<float>(predictor.Upscale(lowRes.unsqueeze(0).unsqueeze(0))), like.Width, like.Height);
    }
}
