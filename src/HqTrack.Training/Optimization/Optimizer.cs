using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Training.Optimization;

/// <summary>AdamW with a rate and a weight decay per parameter, whose state can be saved and restored by key.</summary>
internal sealed class Optimizer : IDisposable
{
    private readonly IReadOnlyList<TrainedParameter> parameters;
    private readonly AdamW adam;
    private readonly AdamW.ParamGroup[] groups;

    public Optimizer(IReadOnlyList<TrainedParameter> parameters)
    {
        this.parameters = parameters;
        groups = [.. parameters.Select(parameter => new AdamW.ParamGroup([parameter.Value], new AdamW.Options { weight_decay = parameter.WeightDecay }))];
        adam = optim.AdamW(groups);
    }

    /// <summary>Drops the gradients of the step before.</summary>
    public void ZeroGradients() => adam.zero_grad();

    /// <summary>Scales the gradients so that their norm is at most <paramref name="norm"/>; returns the norm before.</summary>
    public double ClipGradients(double norm) => nn.utils.clip_grad_norm_(parameters.Select(parameter => parameter.Value), norm);

    /// <summary>One update.</summary>
    /// <param name="rate">Learning rate of a key.</param>
    /// <param name="isFrozen">Whether a key stands still: no rate, no decay.</param>
    public void Step(Func<string, double> rate, Func<string, bool> isFrozen)
    {
        for (var i = 0; i < groups.Length; i++)
        {
            var frozen = isFrozen(parameters[i].Key);
            groups[i].LearningRate = frozen ? 0 : rate(parameters[i].Key);
            groups[i].Options.weight_decay = frozen ? 0 : parameters[i].WeightDecay;
        }

        using var scope = NewDisposeScope();
        adam.step();
    }

    /// <summary>First and second moments by key, as views of the live state, and each key's number of updates.</summary>
    public IEnumerable<(string Key, AdamW.State State)> States() =>
        parameters.Zip(adam.state_dict().State, (parameter, state) => (parameter.Key, (AdamW.State)state));

    public void Dispose() => adam.Dispose();
}
