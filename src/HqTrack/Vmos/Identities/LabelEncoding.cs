using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Identities;

/// <summary>Label maps as tensors: one channel per id, and the pooled forms that attention carries.</summary>
internal static class LabelEncoding
{
    /// <summary>[B, H, W] ids (int64 or uint8) -> [B, <paramref name="maxObjects"/> + 1, H, W] float, channel 0 the background.</summary>
    public static Tensor OneHot(Tensor labels, int maxObjects)
    {
        using var scope = NewDisposeScope();
        var ids = arange(maxObjects + 1, dtype: labels.dtype, device: labels.device).view(1, -1, 1, 1);
        return labels.unsqueeze(1).eq(ids).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Averages masks over cells of a grid with one sample every <paramref name="stride"/> pixels: [B, N, H, W] ->
    /// [B, N, (H-1)/stride + 1, (W-1)/stride + 1]; cells are centred on their sample and cut at the border.
    /// </summary>
    public static Tensor Pool(Tensor masks, int stride) =>
        nn.functional.avg_pool2d(masks, [stride + 1, stride + 1], [stride, stride], [stride / 2, stride / 2], ceil_mode: false, count_include_pad: false);

    /// <summary>
    /// Packs 2x2 blocks of a fine grid into the channels of the grid half as fine, so that one attended value carries a block:
    /// [B, N, 2h-1, 2w-1] -> [B, h*w, 4N]. The fine grid is repeated at its end to 2h x 2w.
    /// </summary>
    public static Tensor PackBlocks(Tensor fine)
    {
        using var scope = NewDisposeScope();
        Debug.Assert(fine.size(2) % 2 == 1 && fine.size(3) % 2 == 1, "fine grid of even side");
        var padded = nn.functional.pad(fine, [0, 1, 0, 1], PaddingModes.Replicate);
        return nn.functional.pixel_unshuffle(padded, 2).flatten(2).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Undoes <see cref="PackBlocks"/>: [B, h*w, 4N] -> [B, N, 2h-1, 2w-1].</summary>
    public static Tensor UnpackBlocks(Tensor packed, long height, long width)
    {
        using var scope = NewDisposeScope();
        var map = packed.transpose(1, 2).reshape(packed.size(0), packed.size(2), height, width);
        var fine = nn.functional.pixel_shuffle(map, 2);
        return fine.narrow(2, 0, (2 * height) - 1).narrow(3, 0, (2 * width) - 1).contiguous().MoveToOuterDisposeScope();
    }
}
