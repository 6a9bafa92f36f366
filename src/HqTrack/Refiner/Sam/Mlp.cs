using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Linear layers with ReLU between them, keys layers.N; optionally a sigmoid at the end.</summary>
internal sealed class Mlp : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> layers;
    private readonly bool hasSigmoid;

    public Mlp(long channels, long hidden, long outChannels, int depth, bool hasSigmoid = false)
        : base(nameof(Mlp))
    {
        this.hasSigmoid = hasSigmoid;
        layers = new([.. Enumerable.Range(0, depth).Select(i => nn.Linear(i == 0 ? channels : hidden, i == depth - 1 ? outChannels : hidden))]);
        RegisterComponents();
    }

    /// <summary>[..., C] -> [..., C'].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = layers[0].call(input);
        for (var i = 1; i < layers.Count; i++)
        {
            x = layers[i].call(nn.functional.relu(x));
        }

        return (hasSigmoid ? x.sigmoid() : x).MoveToOuterDisposeScope();
    }
}
