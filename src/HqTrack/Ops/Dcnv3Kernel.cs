using System.Numerics;
using System.Runtime.CompilerServices;
using HqTrack.Ops.Simd;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Deformable convolution v3 on the CPU, channels last. Forward runs over output rows. Backward gives each thread some of the groups:
/// offsets can send a gradient to any pixel, but a group's channels belong to that group alone, so nothing is written by two threads,
/// and each sum has the same order whatever their number.
/// </summary>
/// <remarks>A group's channels fill whole registers: S.Width divides them.</remarks>
internal sealed unsafe class Dcnv3Kernel<T, V, S>
    where T : unmanaged, IFloatingPointIeee754<T>
    where V : struct
    where S : struct, ISimd<T, V>
{
    private readonly Dcnv3Shape shape;

    public Dcnv3Kernel(Dcnv3Shape shape) => this.shape = shape;

    /// <summary>Samples, weights and sums.</summary>
    /// <param name="input">[B, H, W, G * C]</param>
    /// <param name="offset">[B, H', W', G * P * 2]</param>
    /// <param name="mask">[B, H', W', G * P]</param>
    /// <param name="output">[B, H', W', G * C]</param>
    public void Forward(T* input, T* offset, T* mask, T* output)
    {
        int width = shape.OutWidth, points = shape.AllPoints, channels = shape.AllChannels;
        var together = OutputsTogether(points);
        using var samples = new Dcnv3Samples<T, V, S>(shape, points, together);
        ParallelRows.For(shape.Batch * shape.OutHeight, samples.ScratchBytes, (row, scratch) =>
        {
            var image = input + ((nint)(row / shape.OutHeight) * shape.Height * shape.Width * channels);
            for (var x = 0; x < width; x += together)
            {
                var at = ((nint)row * width) + x;
                var count = Math.Min(together, width - x);
                var located = samples.Locate(
                    offset + (at * points * 2), mask + (at * points), count * points, x, row % shape.OutHeight, scratch, withParts: false);
                for (var i = 0; i < count; i++)
                {
                    Sample(image, located, i * points, output + ((at + i) * channels));
                }
            }
        });
    }

    // The fewest outputs in a row whose points fill whole registers.
    private static int OutputsTogether(int points)
    {
        const int MostPoints = 1024;
        var count = 1;
        while (count * points % S.Width != 0 && (count + 1) * points <= MostPoints)
        {
            count++;
        }

        return count;
    }

    /// <summary>Gradients of all three arguments.</summary>
    /// <param name="input">As in <see cref="Forward"/>.</param>
    /// <param name="offset">As in <see cref="Forward"/>.</param>
    /// <param name="mask">As in <see cref="Forward"/>.</param>
    /// <param name="gradient">Gradient of the output.</param>
    /// <param name="inputGradient">[B, H, W, G * C], zeros; null when not wanted.</param>
    /// <param name="offsetGradient">[B, H', W', G * P * 2]</param>
    /// <param name="maskGradient">[B, H', W', G * P]</param>
    public void Backward(T* input, T* offset, T* mask, T* gradient, T* inputGradient, T* offsetGradient, T* maskGradient)
    {
        int parts = Math.Min(get_num_threads(), shape.Geometry.Groups), outputs = shape.OutHeight * shape.OutWidth;
        var largest = (shape.Geometry.Groups + parts - 1) / parts * shape.Geometry.Points;
        using var samples = new Dcnv3Samples<T, V, S>(shape, largest);
        var dots = (int)(samples.ScratchBytes + 63) & ~63;
        var scratchBytes = (nuint)(dots + (4 * samples.Stride * sizeof(T)));
        ParallelRows.For(shape.Batch * parts, scratchBytes, (item, scratch) =>
        {
            int image = item / parts, part = item % parts;
            int firstGroup = part * shape.Geometry.Groups / parts, groups = ((part + 1) * shape.Geometry.Groups / parts) - firstGroup;
            var points = groups * shape.Geometry.Points;
            var corner = ((nint)image * shape.Height * shape.Width * shape.AllChannels) + (firstGroup * shape.Channels);
            var products = (T*)((byte*)scratch + dots);
            for (var i = 0; i < outputs; i++)
            {
                var at = ((nint)image * outputs) + i;
                var first = (at * shape.AllPoints) + (firstGroup * shape.Geometry.Points);
                var located = samples.Locate(offset + (2 * first), mask + first, points, i % shape.OutWidth, i / shape.OutWidth, scratch, withParts: true);
                var upstream = gradient + (at * shape.AllChannels) + (firstGroup * shape.Channels);
                Dots(input + corner, located, points, upstream, products, samples.Stride);
                if (inputGradient != null)
                {
                    Scatter(inputGradient + corner, located, points, upstream);
                }

                PointGradients(located, points, products, samples.Stride, offsetGradient + (2 * first), maskGradient + first);
            }
        });
    }

    /// <summary>One output: output[g, c] = sum over the group's points and their corners of weight * image[pixel, g, c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sample(T* image, Dcnv3Samples<T, V, S>.Located located, nint first, T* output)
    {
        nint points = shape.Geometry.Points, end = first + shape.AllPoints, perGroup = shape.Channels;
        int* p0 = located.Place(0), p1 = located.Place(1), p2 = located.Place(2), p3 = located.Place(3);
        T* w0 = located.Weight(0), w1 = located.Weight(1), w2 = located.Weight(2), w3 = located.Weight(3);
        for (; first < end; first += points)
        {
            var last = first + points;
            for (nint c = 0; c < perGroup; c += S.Width, image += S.Width, output += S.Width)
            {
                V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero;
                for (var i = first; i < last; i++)
                {
                    a0 = S.MultiplyAdd(S.Broadcast(w0[i]), S.Load(image + p0[i]), a0);
                    a1 = S.MultiplyAdd(S.Broadcast(w1[i]), S.Load(image + p1[i]), a1);
                    a2 = S.MultiplyAdd(S.Broadcast(w2[i]), S.Load(image + p2[i]), a2);
                    a3 = S.MultiplyAdd(S.Broadcast(w3[i]), S.Load(image + p3[i]), a3);
                }

                S.Store(output, S.Add(S.Add(a0, a1), S.Add(a2, a3)));
            }
        }
    }

    /// <summary>products[corner, point] = dot product of the upstream gradient with the corner's pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Dots(T* image, Dcnv3Samples<T, V, S>.Located located, int points, T* upstream, T* products, nint stride)
    {
        int perGroup = shape.Channels, each = shape.Geometry.Points;
        int* p0 = located.Place(0), p1 = located.Place(1), p2 = located.Place(2), p3 = located.Place(3);
        for (var first = 0; first < points; first += each, image += perGroup, upstream += perGroup)
        {
            for (var i = first; i < first + each; i++)
            {
                T* x0 = image + p0[i], x1 = image + p1[i], x2 = image + p2[i], x3 = image + p3[i];
                V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero;
                for (var c = 0; c < perGroup; c += S.Width)
                {
                    var g = S.Load(upstream + c);
                    a0 = S.MultiplyAdd(g, S.Load(x0 + c), a0);
                    a1 = S.MultiplyAdd(g, S.Load(x1 + c), a1);
                    a2 = S.MultiplyAdd(g, S.Load(x2 + c), a2);
                    a3 = S.MultiplyAdd(g, S.Load(x3 + c), a3);
                }

                S.StoreSums(products + i, stride, a0, a1, a2, a3);
            }
        }
    }

    /// <summary>target[pixel] += weight * upstream for every point and corner; weights outside are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(T* target, Dcnv3Samples<T, V, S>.Located located, int points, T* upstream)
    {
        int perGroup = shape.Channels, each = shape.Geometry.Points;
        int* p0 = located.Place(0), p1 = located.Place(1), p2 = located.Place(2), p3 = located.Place(3);
        T* w0 = located.Weight(0), w1 = located.Weight(1), w2 = located.Weight(2), w3 = located.Weight(3);
        for (var first = 0; first < points; first += each)
        {
            for (var c = 0; c < perGroup; c += S.Width, target += S.Width, upstream += S.Width)
            {
                var g = S.Load(upstream);
                for (var i = first; i < first + each; i++)
                {
                    // One after another: the four may be the same pixel.
                    var x0 = target + p0[i];
                    S.Store(x0, S.MultiplyAdd(S.Broadcast(w0[i]), g, S.Load(x0)));
                    var x1 = target + p1[i];
                    S.Store(x1, S.MultiplyAdd(S.Broadcast(w1[i]), g, S.Load(x1)));
                    var x2 = target + p2[i];
                    S.Store(x2, S.MultiplyAdd(S.Broadcast(w2[i]), g, S.Load(x2)));
                    var x3 = target + p3[i];
                    S.Store(x3, S.MultiplyAdd(S.Broadcast(w3[i]), g, S.Load(x3)));
                }
            }
        }
    }

    /// <summary>From the corners' dot products to the gradients of offsets and mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PointGradients(Dcnv3Samples<T, V, S>.Located at, int points, T* products, nint stride, T* offsetGradient, T* maskGradient)
    {
        var scale = S.Broadcast(T.CreateChecked(shape.Geometry.OffsetScale));
        for (var i = 0; i < points; i += S.Width)
        {
            V d0 = S.Load(products + i), d1 = S.Load(products + stride + i), d2 = S.Load(products + (2 * stride) + i), d3 = S.Load(products + (3 * stride) + i);
            V wx0 = S.Load(at.WeightX0 + i), wx1 = S.Load(at.WeightX1 + i), wy0 = S.Load(at.WeightY0 + i), wy1 = S.Load(at.WeightY1 + i);
            V inX0 = S.Load(at.InsideX0 + i), inX1 = S.Load(at.InsideX1 + i), inY0 = S.Load(at.InsideY0 + i), inY1 = S.Load(at.InsideY1 + i);
            V top = S.MultiplyAdd(wx0, d0, S.Multiply(wx1, d1)), bottom = S.MultiplyAdd(wx0, d2, S.Multiply(wx1, d3));
            V acrossTop = S.Subtract(S.Multiply(inX1, d1), S.Multiply(inX0, d0)), acrossBottom = S.Subtract(S.Multiply(inX1, d3), S.Multiply(inX0, d2));
            var m = S.Multiply(S.Load(at.Mask + i), scale);
            var gm = S.MultiplyAdd(wy0, top, S.Multiply(wy1, bottom));
            var gx = S.Multiply(m, S.MultiplyAdd(wy0, acrossTop, S.Multiply(wy1, acrossBottom)));
            var gy = S.Multiply(m, S.Subtract(S.Multiply(inY1, bottom), S.Multiply(inY0, top)));
            S.Store(products + i, gm);
            S.Store(products + stride + i, gx);
            S.Store(products + (2 * stride) + i, gy);
        }

        for (var i = 0; i < points; i++)
        {
            maskGradient[i] = products[i];
            offsetGradient[2 * i] = products[stride + i];
            offsetGradient[(2 * i) + 1] = products[(2 * stride) + i];
        }
    }
}
