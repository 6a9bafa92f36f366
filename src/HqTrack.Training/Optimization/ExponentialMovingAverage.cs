using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Optimization;

/// <summary>
/// Moving average of the trained weights, with less memory at the start of a run: the decay is at most (1 + n) / (10 + n) after n
/// updates (aot-benchmark utils/ema.py).
/// </summary>
internal sealed class ExponentialMovingAverage : IDisposable
{
    private readonly IReadOnlyList<TrainedParameter> parameters;
    private readonly Dictionary<string, Tensor> shadow = new(StringComparer.Ordinal);
    private readonly double decay;

    /// <summary>Starts from the parameters' present values.</summary>
    /// <param name="parameters">What is averaged.</param>
    /// <param name="decay">0..1; published: 1 - 1 / (0.1 * steps).</param>
    public ExponentialMovingAverage(IReadOnlyList<TrainedParameter> parameters, double decay)
    {
        (this.parameters, this.decay) = (parameters, decay);
        using var grad = no_grad();
        foreach (var parameter in parameters)
        {
            shadow[parameter.Key] = parameter.Value.detach().clone().DetachFromDisposeScope();
        }
    }

    /// <summary>Updates so far; set it with <see cref="Values"/> when a run is resumed.</summary>
    public long Updates { get; set; }

    /// <summary>The averages by key; owned here.</summary>
    public IReadOnlyDictionary<string, Tensor> Values => shadow;

    /// <summary>Takes the parameters' present values in.</summary>
    public void Update()
    {
        Updates++;
        var keep = Math.Min(decay, (1.0 + Updates) / (10.0 + Updates));
        using var grad = no_grad();
        foreach (var parameter in parameters)
        {
            using var scope = NewDisposeScope();
            var average = shadow[parameter.Key];
            average.sub_((average - parameter.Value) * (1 - keep));
        }
    }

    public void Dispose()
    {
        foreach (var tensor in shadow.Values)
        {
            tensor.Dispose();
        }
    }
}
