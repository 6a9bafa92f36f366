using HqTrack.Media;

namespace HqTrack.Refiner;

/// <summary>Probability of an object at a pixel, as the segmenter sees it, 0..1.</summary>
internal delegate float ProposalProbability(int id, int x, int y);

/// <summary>A mask that the refiner offers for an object.</summary>
/// <param name="Mask">Of the frame's size.</param>
/// <param name="PredictedIou">The refiner's own estimate of its quality.</param>
/// <param name="IsReleased">Whether the releases offer it for a box; the first token's mask is not among those, and gates that go by the prediction leave it out.</param>
internal sealed record RefinementCandidate(BinaryMask Mask, float PredictedIou, bool IsReleased = true);

/// <summary>The candidate that a gate came to.</summary>
/// <param name="Index">Its number among the candidates.</param>
/// <param name="PredictedIou">The refiner's estimate.</param>
/// <param name="MeasuredIou">IoU with the segmenter's mask.</param>
/// <param name="IsKept">Whether it replaces that mask.</param>
internal readonly record struct GateDecision(int Index, float PredictedIou, float MeasuredIou, bool IsKept);

/// <summary>An object's masks before merging.</summary>
/// <param name="Id">The object.</param>
/// <param name="Proposal">The segmenter's mask, not empty.</param>
/// <param name="Refined">The refined mask that replaces it; null where the proposal stays.</param>
internal sealed record ObjectMasks(int Id, BinaryMask Proposal, BinaryMask? Refined);

/// <summary>The refiner's decisions as pure functions, without torch: gate, size and merging.</summary>
internal static class RefinementPolicy
{
    /// <summary>Objects of fewer cells of the decoder's grid than this are left alone.</summary>
    public const int TinyCells = 16;

    /// <summary>
    /// Whether an object is too small to refine: it covers fewer than <see cref="TinyCells"/> cells of the decoder's output, whose
    /// long side spans the frame's (256 cells with SAM: 100 pixels at 640x360, 225 at 960x540).
    /// </summary>
    public static bool IsTiny(int area, int width, int height, int grid)
    {
        var cell = Math.Max(width, height) / (double)grid;
        return area < TinyCells * cell * cell;
    }

    /// <summary>Picks a candidate, the first one on a tie, and says whether it is kept.</summary>
    public static GateDecision Choose(RefinementGate gate, BinaryMask proposal, IReadOnlyList<RefinementCandidate> candidates)
    {
        float Merit(RefinementCandidate candidate) => gate.IsByMeasuredIou ? candidate.Mask.Iou(proposal) : candidate.PredictedIou;
        var best = Enumerable.Range(0, candidates.Count).Where(i => gate.IsByMeasuredIou || candidates[i].IsReleased).MaxBy(i => Merit(candidates[i]));
        var measured = candidates[best].Mask.Iou(proposal);
        return new(best, candidates[best].PredictedIou, measured, measured >= (float)gate.Threshold);
    }

    /// <summary>Puts the objects' masks together.</summary>
    /// <param name="gate">The release's gate merges as the release, with its quirks.</param>
    /// <param name="proposal">The segmenter's label map.</param>
    /// <param name="objects">Every object that has pixels in it, by ascending id.</param>
    /// <param name="probability">Decides overlaps; not asked under the release's gate.</param>
    public static LabelMap Merge(RefinementGate gate, LabelMap proposal, IReadOnlyList<ObjectMasks> objects, ProposalProbability probability) =>
        gate.IsRelease ? MergeAsReleased(proposal, objects) : MergeByProbability(proposal, objects, probability);

    /// <summary>
    /// Objects that keep their proposal keep every pixel of it. Among the rest, a pixel that several refined masks claim goes to the
    /// object with the highest proposal probability there; on a tie to the one that has the pixel in the proposal, then to the lowest id.
    /// A pixel that nobody claims is background.
    /// </summary>
    private static LabelMap MergeByProbability(LabelMap proposal, IReadOnlyList<ObjectMasks> objects, ProposalProbability probability)
    {
        var merged = new LabelMap(proposal.Width, proposal.Height);
        var isFixed = new bool[LabelMap.MaxId + 1];
        foreach (var masks in objects.Where(masks => masks.Refined is null))
        {
            isFixed[masks.Id] = true;
            foreach (var pixel in masks.Proposal.Pixels())
            {
                merged.Ids[pixel] = (byte)masks.Id;
            }
        }

        foreach (var masks in objects.Where(masks => masks.Refined is not null))
        {
            foreach (var pixel in masks.Refined!.Pixels())
            {
                var owner = merged.Ids[pixel];
                if (!isFixed[owner] && (owner == 0 || Wins(masks.Id, owner, pixel)))
                {
                    merged.Ids[pixel] = (byte)masks.Id;
                }
            }
        }

        return merged;

        bool Wins(int id, int owner, int pixel)
        {
            int x = pixel % proposal.Width, y = pixel / proposal.Width;
            float own = probability(id, x, y), other = probability(owner, x, y);
            return own > other || (own == other && proposal.Ids[pixel] == id); // ids ascend, so the owner is the lower one
        }
    }

    /// <summary>
    /// The release's merge (HQTrack's tracker, run and recorded): a pixel of one mask gets its id; a pixel of several gets the position
    /// of the first of them in the list of ids found in the map, which starts with 0 where there is any background. Position and id
    /// differ when ids have gaps or there is no background, so labels of objects that are not there can appear; kept as it is.
    /// </summary>
    private static LabelMap MergeAsReleased(LabelMap proposal, IReadOnlyList<ObjectMasks> objects)
    {
        var merged = new LabelMap(proposal.Width, proposal.Height);
        var first = new short[merged.Ids.Length]; // 1 + position of the first mask on the pixel; 0 for none
        var start = proposal.Ids.Contains((byte)0) ? 1 : 0;
        for (var i = 0; i < objects.Count; i++)
        {
            foreach (var pixel in (objects[i].Refined ?? objects[i].Proposal).Pixels())
            {
                if (first[pixel] == 0)
                {
                    first[pixel] = (short)(1 + start + i);
                    merged.Ids[pixel] = (byte)objects[i].Id;
                }
                else
                {
                    merged.Ids[pixel] = (byte)(first[pixel] - 1);
                }
            }
        }

        return merged;
    }
}
