using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Identities;

/// <summary>A label map's identity embedding, per position (AOT section 3.1): one 17x17 patch per cell of 16x16 pixels, then a layer norm.</summary>
/// <remarks>Not a module: both parts are registered by the network under the published keys.</remarks>
internal sealed class IdentityBank(Conv2d patches, LayerNorm norm)
{
    private static readonly long[] Stride = [16, 16];
    private static readonly long[] Padding = [8, 8];

    /// <summary>[B, ids, H, W] -> [B, H/16 * W/16, E]; ids that are left out at the end count as absent.</summary>
    public Tensor Embed(Tensor oneHot)
    {
        using var scope = NewDisposeScope();
        var ids = oneHot.size(1);
        var weight = ids < patches.weight.size(1) ? patches.weight.narrow(1, 0, ids) : patches.weight;
        return norm.call(ChannelsLast.ToSequence(nn.functional.conv2d(oneHot, weight, patches.bias, Stride, Padding))).MoveToOuterDisposeScope();
    }

    /// <summary>The same repeated on the grid of 1/8, each cell from the nearest one: [B, H/8 * W/8, E].</summary>
    public Tensor EmbedAt8(Tensor oneHot)
    {
        using var scope = NewDisposeScope();
        long height = oneHot.size(2), width = oneHot.size(3);
        var coarse = ChannelsLast.ToMap(Embed(oneHot), Cells(height, 16), Cells(width, 16));
        var fine = nn.functional.interpolate(coarse, size: [Cells(height, 8), Cells(width, 8)], mode: InterpolationMode.Nearest);
        return ChannelsLast.ToSequence(fine).MoveToOuterDisposeScope();
    }

    private static long Cells(long side, int stride) => ((side - 1) / stride) + 1;
}

/// <summary>A label map's identity embedding on the grids that need it.</summary>
/// <param name="At16">[B, H/16 * W/16, E]</param>
/// <param name="At8">[B, H/8 * W/8, E8]; null for a single-scale network.</param>
internal readonly record struct IdentityEmbedding(Tensor At16, Tensor? At8);
