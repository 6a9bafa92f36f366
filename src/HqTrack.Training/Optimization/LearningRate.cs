namespace HqTrack.Training.Optimization;

/// <summary>How the rate falls after the warm-up.</summary>
internal enum RateDecay
{
    /// <summary>(1 - progress)^0.9, as the published recipe.</summary>
    Poly,

    /// <summary>Half a cosine.</summary>
    Cosine,
}

/// <summary>
/// Learning rate per step: linear warm-up, then decay to the minimum within the run; the encoder gets a fraction of what lies above the
/// minimum (aot-benchmark utils/learning.py <c>adjust_learning_rate</c>).
/// </summary>
internal sealed record LearningRate
{
    /// <summary>Rate at the end of the warm-up.</summary>
    public required double Base { get; init; }

    /// <summary>Rate at the start and the end.</summary>
    public required double Min { get; init; }

    /// <summary>Steps of the run.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps of linear rise.</summary>
    public required double WarmUpSteps { get; init; }

    /// <summary>How it falls.</summary>
    public RateDecay Decay { get; init; } = RateDecay.Poly;

    /// <summary>The encoder's share, 0..1.</summary>
    public double EncoderRatio { get; init; } = 1;

    /// <summary>Exponent of <see cref="RateDecay.Poly"/>.</summary>
    public double Power { get; init; } = 0.9;

    /// <summary>Rate of everything but the encoder.</summary>
    public double At(long step)
    {
        if (step < WarmUpSteps)
        {
            return Min + ((Base - Min) * step / WarmUpSteps);
        }

        var progress = (step - WarmUpSteps) / (Steps - WarmUpSteps + 1);
        var left = Decay == RateDecay.Cosine ? (Math.Cos(Math.PI * progress) + 1) * 0.5 : Math.Pow(1 - progress, Power);
        return Min + ((Base - Min) * left);
    }

    /// <summary>Rate of a parameter, by its key.</summary>
    public double At(long step, string key)
    {
        var rate = At(step);
        return ParameterGroups.IsEncoder(key) ? ((rate - Min) * EncoderRatio) + Min : rate;
    }
}
