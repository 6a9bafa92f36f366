using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Memory layouts. TorchSharp has no memory_format; permuting, packing and permuting back gives channels_last.</summary>
internal static class ChannelsLast
{
    /// <summary>The same values with channels innermost in memory, [B, C, H, W].</summary>
    public static Tensor Of(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>[B, C, H, W] -> [B, H*W, C]; a view when x is channels_last.</summary>
    public static Tensor ToSequence(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.permute(0, 2, 3, 1).reshape(x.size(0), -1, x.size(1)).MoveToOuterDisposeScope();
    }

    /// <summary>[B, H*W, C] -> [B, C, H, W] in channels_last memory; a view when x is contiguous.</summary>
    public static Tensor ToMap(Tensor x, long height, long width)
    {
        using var scope = NewDisposeScope();
        return x.contiguous().view(x.size(0), height, width, x.size(2)).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
