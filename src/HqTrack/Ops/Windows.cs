using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Cuts a map into square windows and puts it together again; the right and bottom border is padded with zeros.</summary>
internal static class Windows
{
    /// <summary>The next multiple of <paramref name="window"/>.</summary>
    public static long Padded(long side, long window) => (side + window - 1) / window * window;

    /// <summary>[B, H, W, C] -> [B * windows, window, window, C], windows row by row.</summary>
    public static Tensor Partition(Tensor x, long window)
    {
        using var scope = NewDisposeScope();
        long height = x.size(1), width = x.size(2), channels = x.size(3);
        long right = Padded(width, window) - width, bottom = Padded(height, window) - height;
        if (right + bottom > 0)
        {
            x = nn.functional.pad(x, [0, 0, 0, right, 0, bottom]);
        }

        return x.reshape(x.size(0), (height + bottom) / window, window, (width + right) / window, window, channels)
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(-1, window, window, channels)
            .MoveToOuterDisposeScope();
    }

    /// <summary>[B * windows, window, window, C] -> [B, height, width, C], padding cut off.</summary>
    public static Tensor Unpartition(Tensor windows, long height, long width)
    {
        using var scope = NewDisposeScope();
        long window = windows.size(1), rows = Padded(height, window) / window, columns = Padded(width, window) / window;
        return windows.reshape(-1, rows, columns, window, window, windows.size(3))
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(-1, rows * window, columns * window, windows.size(3))
            .narrow(1, 0, height)
            .narrow(2, 0, width)
            .MoveToOuterDisposeScope();
    }
}
