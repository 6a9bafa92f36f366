using HqTrack.Training.Optimization;

namespace HqTrack.Training;

/// <summary>The numbers that every training run has, whatever it trains.</summary>
internal abstract record RunRecipe
{
    /// <summary>Steps of the run; the rate decays to its minimum within them.</summary>
    public required long Steps { get; init; }

    /// <summary>Seed of weights, data and shuffles.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Rate after the warm-up.</summary>
    public double Rate { get; init; } = 5e-4;

    /// <summary>Rate at the start and at the end.</summary>
    public double MinRate { get; init; } = 1e-6;

    /// <summary>How the rate falls.</summary>
    public RateDecay Decay { get; init; } = RateDecay.Cosine;

    /// <summary>Share of the steps in which the rate rises.</summary>
    public double WarmUp { get; init; } = 0.05;

    /// <summary>The encoder's rate relative to the rest.</summary>
    public double EncoderRatio { get; init; } = 0.1;

    /// <summary>Encoder stages without gradient, 0..4.</summary>
    public int FrozenStages { get; init; } = 2;

    /// <summary>AdamW's weight decay of matrices and kernels.</summary>
    public double WeightDecay { get; init; } = 0.03;

    /// <summary>Largest norm of all gradients together.</summary>
    public double ClipNorm { get; init; } = 5;

    /// <summary>Memory of the weights' moving average, as a share of the steps.</summary>
    public double EmaShare { get; init; } = 0.05;

    /// <summary>The rate per step.</summary>
    public LearningRate LearningRate => new()
    {
        Base = Rate, Min = MinRate, Steps = Steps, WarmUpSteps = WarmUp * Steps, Decay = Decay, EncoderRatio = EncoderRatio,
    };

    /// <summary>Checks the numbers against each other.</summary>
    /// <exception cref="TrainingException">One is out of range.</exception>
    public virtual void Validate()
    {
        Require(Steps >= 1, $"a run of {Steps} steps, expected at least 1; raise --steps.");
        Require(Rate > 0 && MinRate >= 0 && MinRate <= Rate, FormattableString.Invariant($"rates {Rate} and {MinRate}, expected 0 <= minimum <= rate; change --rate."));
        Require(FrozenStages is >= 0 and <= 4, $"{FrozenStages} frozen stages, expected 0 to 4.");
    }

    /// <summary>Refuses a recipe in one line.</summary>
    protected static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new TrainingException(message);
        }
    }
}
