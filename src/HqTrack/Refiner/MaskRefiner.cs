using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner;

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

    /// <summary>Gates that every offer must have an answer for besides this refiner's own; null needs none.</summary>
    public IReadOnlyList<RefinementGate?> Compared { get; init; } = [];

    private bool AsksTiny => gate.IsRelease || Compared.Any(other => other?.IsRelease == true);

    private MaskChoice Choice => gate.IsByMeasuredIou || Compared.Any(other => other?.IsByMeasuredIou == true) ? MaskChoice.Every : MaskChoice.Multiple;

    /// <summary>Refines the label map of the next tracked frame.</summary>
    /// <param name="frame">The image.</param>
    /// <param name="proposal">The segmenter's labels, of the image's size.</param>
    /// <param name="ids">The tracked objects, with or without pixels in the proposal.</param>
    /// <param name="confidence">The segmenter's confidence per object, for the schedule.</param>
    /// <param name="probability">Its probability per object and pixel, for overlaps.</param>
    /// <param name="times">Gets the time of the stages refine-encode, refine-decode and refine-merge.</param>
    /// <returns>The frame as the gate has it, then as each of the compared gates has it.</returns>
    public (RefinedFrame Refined, IReadOnlyList<RefinedFrame> Compared) Refine(
        Frame frame, LabelMap proposal, IReadOnlyList<int> ids, Func<int, double> confidence, ProposalProbability probability, StageTimes times)
    {
        var masks = BinaryMask.PerId(proposal);
        var isFrameDue = schedule.IsFrameDue(Frames++);
        List<ObjectOffer> objects = [.. ids.Select(id => Open(id, masks.GetValueOrDefault(id), isFrameDue, confidence))];
        Ask(frame, objects, times);
        var offer = new RefinementOffer(proposal, masks, objects, probability);
        return times.Measure("refine-merge", () => (offer.Through(gate), offer.Through(Compared)));
    }

    /// <summary>Masks of new objects from boxes and points.</summary>
    /// <exception cref="PromptException">An object came out empty.</exception>
    public LabelMap Segment(Frame frame, IReadOnlyList<ObjectPrompt> objects)
    {
        using var looks = new CloseLook(new SamPredictor(predictor.Network, predictor.Device));
        looks.SetImage(frame);
        return PromptMasks.Predict(looks, objects).Labels;
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
            return new RefinementCandidate(BinaryMask.AboveZero(TensorSpan.Of<float>(logits), width, height), iou[(i * each) + m], IsReleased: choice != MaskChoice.Every || m > 0);
        }).ToList())];
    }

    public void Dispose() => predictor.Dispose();

    // An object before it is asked for; with no candidates yet.
    private ObjectOffer Open(int id, BinaryMask? mask, bool isFrameDue, Func<int, double> confidence) => new(
        id,
        mask,
        mask is null ? RefinementOutcome.Absent : !isFrameDue ? RefinementOutcome.NotDue : !schedule.IsObjectDue(confidence(id)) ? RefinementOutcome.Confident : null,
        mask is not null && RefinementPolicy.IsTiny(mask.Area, mask.Width, mask.Height, predictor.Network.Config.MaskGrid),
        []);

    // Puts the candidates into the objects that are due. Tiny ones are batches of their own, so that what the others get does not depend on the gate to the last bit.
    private void Ask(Frame frame, List<ObjectOffer> objects, StageTimes times)
    {
        var due = Enumerable.Range(0, objects.Count).Where(i => objects[i].Skipped is null && (AsksTiny || !objects[i].IsTiny)).ToList();
        if (due.Count == 0)
        {
            return;
        }

        times.Measure("refine-encode", () =>
        {
            predictor.SetImage(frame);
            return true;
        });
        foreach (var batch in due.GroupBy(i => objects[i].IsTiny).SelectMany(group => group.Chunk(BatchSize)))
        {
            var candidates = times.Measure("refine-decode", () => Candidates(predictor, [.. batch.Select(i => BoxAround(objects[i].Mask!))], Choice));
            foreach (var (i, offered) in batch.Zip(candidates))
            {
                objects[i] = objects[i] with { Candidates = offered };
            }
        }

        predictor.Reset();
    }
}
