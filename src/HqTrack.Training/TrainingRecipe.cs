using System.Text.Json.Serialization;
using HqTrack.Training.Data;
using HqTrack.Training.Optimization;

namespace HqTrack.Training;

/// <summary>A part of a run with one shape of clips.</summary>
/// <param name="Share">Share of the run's steps, 0..1; the shares of all phases sum to 1.</param>
/// <param name="Size">Side of the square frames, 16 k + 1.</param>
/// <param name="Frames">Frames of a clip, 2 or more.</param>
/// <param name="Batch">Clips of a step.</param>
internal sealed record TrainingPhase(double Share, int Size, int Frames, int Batch)
{
    /// <summary>Shape of its clips.</summary>
    public ClipShape Shape => new(Frames, Size);
}

/// <summary>Every number of a segmenter's training run. Two runs with the same recipe, data, seed and one thread give the same weights.</summary>
internal sealed record TrainingRecipe : RunRecipe
{
    /// <summary>Shapes of clips, one phase after the other.</summary>
    public IReadOnlyList<TrainingPhase> Phases { get; init; } = [new(1, 241, 4, 4)];

    /// <summary>What clips are made of.</summary>
    public ClipMix Mix { get; init; } = new();

    /// <summary>Share of the steps until cross-entropy counts only the worst pixels.</summary>
    public double HardMining { get; init; } = 0.5;

    /// <summary>Share of the steps at which the network's own masks begin to be fed back; before that every memory is the truth.</summary>
    public double FeedbackFrom { get; init; } = 0.15;

    /// <summary>Share of the steps from which every memory is the network's own mask.</summary>
    public double FeedbackTo { get; init; } = 0.5;

    /// <summary>Frames between two entries of the long-term memory within a clip.</summary>
    public int MemoryGap { get; init; } = 2;

    /// <summary>Whether the identity bank stands still once all masks are fed back (published recipe).</summary>
    public bool FreezesIdentities { get; init; }

    /// <summary>Share of the steps within which the weight of the loss on the reference frame falls from 1 to 0; 0 leaves that loss out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] // runs begun before there was such a loss go on
    public double ReferenceLoss { get; init; }

    /// <summary>Chance that a memory of a step is the network's own mask.</summary>
    public double Feedback(long step)
    {
        var progress = (double)step / Steps;
        return FeedbackTo <= FeedbackFrom ? (progress >= FeedbackFrom ? 1 : 0) : Math.Clamp((progress - FeedbackFrom) / (FeedbackTo - FeedbackFrom), 0, 1);
    }

    /// <summary>Weight of the loss on the reference frame at a step (aot-benchmark's auxiliary loss).</summary>
    public double ReferenceWeight(long step)
    {
        var end = (ReferenceLoss * Steps) + 1e-5;
        return ReferenceLoss > 0 ? Math.Max(end - step, 0) / end : 0;
    }

    /// <summary>The phase of a step.</summary>
    public TrainingPhase PhaseAt(long step)
    {
        var end = 0.0;
        foreach (var phase in Phases)
        {
            end += phase.Share;
            if (step < Math.Round(end * Steps))
            {
                return phase;
            }
        }

        return Phases[^1];
    }

    /// <summary>This project's recipe for <c>lite</c>: videos, stills and scenes together.</summary>
    public static TrainingRecipe Mixed(long steps) => new() { Steps = steps };

    /// <summary>Published first stage: pseudo-clips of still images (aot-benchmark configs/pre.py).</summary>
    public static TrainingRecipe Static(long steps) => Published(steps) with { Mix = new(Videos: 0, Stills: 1, Scenes: 0), Rate = 4e-4, FeedbackFrom = 1, FeedbackTo = 1, FreezesIdentities = false, ReferenceLoss = 0.1 };

    /// <summary>Published second stage: video, own masks fed back from half of the run on (aot-benchmark configs/ytb.py, pre_dav.py).</summary>
    public static TrainingRecipe Video(long steps) => Published(steps) with { Mix = new(Videos: 1, Stills: 0, Scenes: 0) };

    private static TrainingRecipe Published(long steps) => new()
    {
        Steps = steps,
        Phases = [new(1, 465, 5, 4)],
        Rate = 2e-4,
        MinRate = 1e-5,
        Decay = RateDecay.Poly,
        WeightDecay = 0.07,
        EmaShare = 0.1,
        FeedbackFrom = 0.5,
        FeedbackTo = 0.5,
        FreezesIdentities = true,
        ReferenceLoss = 1,
    };

    /// <summary>Checks the numbers against each other.</summary>
    /// <exception cref="TrainingException">One is out of range.</exception>
    public override void Validate()
    {
        base.Validate();
        Require(Phases.Count > 0 && Math.Abs(Phases.Sum(phase => phase.Share) - 1) < 1e-6, FormattableString.Invariant($"phases with shares {string.Join(" + ", Phases.Select(phase => phase.Share))}, expected a sum of 1; change --phase."));
        Require(Phases.All(phase => phase is { Batch: >= 1, Frames: >= 2, Size: >= 33 } && phase.Size % 16 == 1), "a phase needs a size of 16 k + 1 from 33 on, 2 frames and 1 clip at least; change --phase.");
    }
}
