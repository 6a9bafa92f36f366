using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>Layer norm over the channels of each position (eps 1e-6), as SAM uses it. The result is channels_last.</summary>
internal sealed class LayerNorm2d : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-6;

    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly long[] channels;

    public LayerNorm2d(long channels)
        : base(nameof(LayerNorm2d))
    {
        this.channels = [channels];
        weight = nn.Parameter(ones(channels));
        bias = nn.Parameter(zeros(channels));
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, C, H, W].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return nn.functional.layer_norm(input.permute(0, 2, 3, 1), channels, weight, bias, Epsilon).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
