using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>
/// Transposed convolution with kernel 2 and stride 2: every position becomes a 2 x 2 patch of its own, so it is one matrix product
/// and a rearrangement. Parameters as in torch's ConvTranspose2d.
/// </summary>
internal sealed class ConvTranspose2x2 : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight; // [C, C', 2, 2]
    private readonly Parameter bias;

    public ConvTranspose2x2(long inChannels, long outChannels)
        : base(nameof(ConvTranspose2x2))
    {
        weight = nn.Parameter(empty(inChannels, outChannels, 2, 2));
        bias = nn.Parameter(empty(outChannels));
        var bound = 1 / Math.Sqrt(outChannels * 4); // torch's own initialisation
        nn.init.uniform_(weight, -bound, bound);
        nn.init.uniform_(bias, -bound, bound);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, C', 2H, 2W] in channels_last memory.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        long height = input.size(2), width = input.size(3), channels = weight.size(1);
        var patches = weight.permute(0, 2, 3, 1).reshape(weight.size(0), -1); // [C, 2 * 2 * C']
        return ChannelsLast.ToSequence(input).matmul(patches)
            .view(-1, height, width, 2, 2, channels)
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(-1, 2 * height, 2 * width, channels)
            .add_(bias)
            .permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();
    }
}
