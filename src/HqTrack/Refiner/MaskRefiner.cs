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

    /// <summary>The masks that the network offers for a batch of boxes in the image that the predictor has.</summary>
    public static IReadOnlyList<RefinementCandidate>[] Candidates(SamPredictor predictor, IReadOnlyList<Corners> boxes, MaskChoice choice)
    {
        using var scope = NewDisposeScope();
        var prediction = predictor.Predict([.. boxes.Select(box => new SamPrompt(box))], choice);
        var iou = TensorSpan.ToArray<float>(prediction.Iou);
        var each = (int)prediction.Iou.size(1);
        var (width, height) = predictor.Input.Original;
        return [.. boxes.Select((_, i) => Enumerable.Range(0, each).Select(m =>
        {
            using var inner = NewDisposeScope(); // logits at the frame's size live one at a time
            var logits = predictor.Upscale(prediction.LowRes[i, m].unsqueeze(0).unsqueeze(0)).cpu().contiguous();
            return new RefinementCandidate(BinaryMask.AboveZero(TensorSpan.Of<float>(logits), width, height), iou[(i * each) + m]);
        }).ToList())];
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
            var candidates = times.Measure("refine-decode", () => Candidates(predictor, [.. batch.Select(entry => BoxAround(entry.Value))], gate.IsByMeasuredIou ? MaskChoice.Every : MaskChoice.Multiple));
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
}
