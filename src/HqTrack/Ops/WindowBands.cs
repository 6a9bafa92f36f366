using System.Numerics;
using System.Runtime.CompilerServices;
using HqTrack.Ops.Simd;

namespace HqTrack.Ops;

/// <summary>
/// Weights of windows, laid out as bands: a query's K*K weights by rows of the window, with room on both sides, so that the weights of four neighbouring queries for one column of the
/// grid lie at equal distances.
/// </summary>
internal sealed unsafe class WindowBands<T, V, S>
    where T : unmanaged, IFloatingPointIeee754<T>
    where V : struct
    where S : struct, ISimd<T, V>
{
    private const int Block = WindowShape.Block;

    private readonly WindowShape shape;

    public WindowBands(WindowShape shape)
    {
        this.shape = shape;
        Stride = WindowShape.RoundUp(Block + (shape.Side * shape.BandRow) + S.Width);
    }

    /// <summary>Elements of a query's band.</summary>
    public int Stride { get; }

    /// <summary>Elements of a block's bands.</summary>
    public int Length => Block * Stride;

    /// <summary>Writes K*K weights as a band.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Spread(T* weights, T factor, T* band)
    {
        var side = shape.Side;
        var f = S.Broadcast(factor);
        new Span<T>(band, Block - 1).Clear();
        band += Block - 1;
        for (var y = 0; y < side; y++, weights += side, band += shape.BandRow)
        {
            for (var x = 0; x < side; x += S.Width)
            {
                S.Store(band + x, S.Multiply(S.Load(weights + x), f));
            }

            new Span<T>(band + side, Block - 1).Clear();
        }
    }

    /// <summary>Bands of the weights with which the positions of a row are seen by the queries around them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gather(T* weights, T factor, int row, T* bands)
    {
        int y = row % shape.Height, side = shape.Side, n = shape.Positions, radius = shape.Radius;
        var (first, end) = shape.Rows(y);
        new Span<T>(bands, shape.Blocks * Length).Clear();
        for (var x = 0; x < shape.Width; x++)
        {
            var band = bands + (x / Block * Length) + (x % Block * Stride) + Block - 1;
            int left = Math.Max(0, x - radius), right = Math.Min(shape.Width, x + radius + 1);
            for (var qy = first; qy < end; qy++)
            {
                var line = band + ((qy - y + radius) * shape.BandRow) + radius - x;
                var from = weights + ((((nint)(row - y + qy) * shape.Width) + left) * n) + ((y - qy + radius) * side) + (x - left + radius);
                for (var qx = left; qx < right; qx++, from += n - 1)
                {
                    line[qx] = *from * factor;
                }
            }
        }
    }

    /// <summary>One row of sums: target[x, :] = sum of the window's values with the row's bands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sum(T* bands, T* values, int channels, int row, T* target)
    {
        int image = row / shape.Height, y = row % shape.Height;
        var (first, end) = shape.Rows(y);
        var line = (nint)shape.Width * channels;
        values += (((nint)image * shape.Height) + first) * line;
        target += row * line;
        var top = first - (y - shape.Radius);
        for (var chunk = WeightedSums<T, V, S>.Chunk(0, channels); ; chunk = WeightedSums<T, V, S>.Chunk(chunk.Next, channels))
        {
            for (var block = 0; block < shape.Blocks; block++)
            {
                var x0 = block * Block;
                int left = Math.Max(0, x0 - shape.Radius), right = Math.Min(shape.Width, x0 - shape.Radius + shape.Span);
                var weights = bands + (block * Length) + Block - 1 + (top * shape.BandRow) + (left - (x0 - shape.Radius));
                WeightedSums<T, V, S>.Run(
                    weights, Stride - 1, shape.BandRow, values + ((nint)left * channels), channels, line, end - first, right - left, chunk,
                    target + ((nint)x0 * channels), Math.Min(Block, shape.Width - x0));
            }

            if (chunk.Next >= channels)
            {
                return;
            }
        }
    }
}
