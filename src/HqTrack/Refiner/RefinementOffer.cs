using HqTrack.Media;

namespace HqTrack.Refiner;

/// <summary>A refined frame.</summary>
/// <param name="Labels">Object ids; the proposal itself where nothing was refined.</param>
/// <param name="Objects">What was done with each object, in the order asked for.</param>
internal sealed record RefinedFrame(LabelMap Labels, IReadOnlyList<ObjectRefinement> Objects);

/// <summary>What the refiner offers for one object, before a gate has decided.</summary>
/// <param name="Id">The object.</param>
/// <param name="Mask">The segmenter's mask; null where the object has no pixel.</param>
/// <param name="Skipped">Why the refiner was not asked, whatever the gate; null where it may have been.</param>
/// <param name="IsTiny">Too small for the refiner's grid: only the release's gate asks.</param>
/// <param name="Candidates">The masks offered; empty where it was not asked.</param>
internal sealed record ObjectOffer(int Id, BinaryMask? Mask, RefinementOutcome? Skipped, bool IsTiny, IReadOnlyList<RefinementCandidate> Candidates);

/// <summary>What the refiner offers for one frame. A gate turns it into labels; any number of gates can be put to the same offer.</summary>
/// <param name="Proposal">The segmenter's labels.</param>
/// <param name="Masks">Its mask of every id in them.</param>
/// <param name="Objects">The tracked objects, in the order asked for.</param>
/// <param name="Probability">The segmenter's probability per object and pixel, for overlaps.</param>
internal sealed record RefinementOffer(LabelMap Proposal, SortedDictionary<int, BinaryMask> Masks, IReadOnlyList<ObjectOffer> Objects, ProposalProbability Probability)
{
    /// <summary>What a gate makes of it.</summary>
    public RefinedFrame Through(RefinementGate gate) => Merge(gate, [.. Objects.Select(entry => Decide(gate, entry))]);

    /// <summary>What each gate makes of it; gates that decide alike share a result. Null stands for no refiner: the proposal.</summary>
    public IReadOnlyList<RefinedFrame> Through(IReadOnlyList<RefinementGate?> gates)
    {
        var known = new Dictionary<string, RefinedFrame>(StringComparer.Ordinal);
        return [.. gates.Select(gate =>
        {
            if (gate is null)
            {
                return new RefinedFrame(Proposal, []);
            }

            Decision[] decisions = [.. Objects.Select(entry => Decide(gate, entry))];
            var key = $"{gate.IsRelease} {string.Join(' ', decisions.Select(decision => $"{decision.Outcome} {decision.Choice?.Index}"))}";
            return known.TryGetValue(key, out var same) ? same : known[key] = Merge(gate, decisions);
        })];
    }

    private static Decision Decide(RefinementGate gate, ObjectOffer entry)
    {
        var skipped = entry.Skipped is RefinementOutcome.Absent or RefinementOutcome.NotDue ? entry.Skipped
            : entry.IsTiny && !gate.IsRelease ? RefinementOutcome.Tiny
            : entry.Skipped;
        if (skipped is { } outcome)
        {
            return new(entry, outcome, null);
        }

        var choice = RefinementPolicy.Choose(gate, entry.Mask!, entry.Candidates);
        return new(entry, choice.IsKept ? RefinementOutcome.Kept : RefinementOutcome.BelowThreshold, choice);
    }

    private RefinedFrame Merge(RefinementGate gate, Decision[] decisions)
    {
        var refined = decisions.Where(decision => decision.Outcome == RefinementOutcome.Kept).ToDictionary(decision => decision.Of.Id, decision => decision.Of.Candidates[decision.Choice!.Value.Index].Mask);
        var objects = Masks.Select(entry => new ObjectMasks(entry.Key, entry.Value, refined.GetValueOrDefault(entry.Key))).ToList();
        var labels = refined.Count == 0 ? Proposal : RefinementPolicy.Merge(gate, Proposal, objects, Probability);
        return new(labels, [.. decisions.Select(decision => new ObjectRefinement(decision.Of.Id, Prompt(decision.Of.Mask), decision.Choice?.PredictedIou, decision.Choice?.MeasuredIou, decision.Outcome))]);
    }

    private static Box? Prompt(BinaryMask? mask) =>
        mask?.Bounds() is { } bounds ? new Box(bounds.Left, bounds.Top, bounds.Right - bounds.Left + 1, bounds.Bottom - bounds.Top + 1) : null;

    private sealed record Decision(ObjectOffer Of, RefinementOutcome Outcome, GateDecision? Choice);
}
