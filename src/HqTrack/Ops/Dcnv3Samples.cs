using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HqTrack.Ops.Simd;

namespace HqTrack.Ops;

/// <summary>Where kernel points sample the input: the four pixels around each and their bilinear weights, many points at once.</summary>
internal sealed unsafe class Dcnv3Samples<T, V, S> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
    where V : struct
    where S : struct, ISimd<T, V>
{
    private readonly Dcnv3Shape shape;
    private readonly T* taps; // x of every point, then y, both before offsets, from the output's corner
    private readonly int stride;

    /// <param name="shape">Sizes.</param>
    /// <param name="points">Points of one output that are located, whole groups.</param>
    /// <param name="outputs">Most outputs in a row that are located together.</param>
    public Dcnv3Samples(Dcnv3Shape shape, int points, int outputs = 1)
    {
        this.shape = shape;
        stride = ((outputs * points) + 31) & ~15; // a whole register beyond the last point
        taps = (T*)NativeMemory.AllocZeroed((nuint)(2 * stride), (nuint)sizeof(T));
        var geometry = shape.Geometry;
        for (var i = 0; i < outputs * points; i++)
        {
            var point = i % geometry.Points; // x-major: y runs in the inner loop
            taps[i] = T.CreateChecked((((point / geometry.Kernel * geometry.Dilation) - geometry.Reach) * geometry.OffsetScale) + (i / points * geometry.Stride));
            taps[stride + i] = T.CreateChecked(((point % geometry.Kernel * geometry.Dilation) - geometry.Reach) * geometry.OffsetScale);
        }
    }

    /// <summary>Bytes that <see cref="Locate"/> needs.</summary>
    public nuint ScratchBytes => (nuint)(stride * ((Rows * sizeof(T)) + (4 * sizeof(int))));

    /// <summary>Distance between the rows of <see cref="Located"/>.</summary>
    public int Stride => stride;

    private static int Rows => 13;

    public void Dispose() => NativeMemory.Free(taps);

    /// <summary>Locates the points of one output, or of several in a row.</summary>
    /// <param name="offset">[points, 2], x before y.</param>
    /// <param name="mask">[points]</param>
    /// <param name="points">How many.</param>
    /// <param name="x">Column of the first output.</param>
    /// <param name="y">Their row.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/>, aligned to 64 bytes.</param>
    /// <param name="withParts">Whether the parts of the weights are wanted, which gradients are made of.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Located Locate(T* offset, T* mask, int points, int x, int y, void* scratch, bool withParts)
    {
        var geometry = shape.Geometry;
        var result = new Located((T*)scratch, stride);
        var corner = geometry.Reach - geometry.Padding;
        var originX = S.Broadcast(T.CreateChecked(corner + (x * geometry.Stride)));
        var originY = S.Broadcast(T.CreateChecked(corner + (y * geometry.Stride)));
        var scale = S.Broadcast(T.CreateChecked(geometry.OffsetScale));
        V maxX = S.Broadcast(T.CreateChecked(shape.Width - 1)), maxY = S.Broadcast(T.CreateChecked(shape.Height - 1));
        var width = S.Broadcast(T.CreateChecked(shape.Width));
        V one = S.Broadcast(T.One), zero = S.Zero;
        var channels = shape.AllChannels;
        var tail = stackalloc T[3 * S.Width]; // what does not fill a register: the arguments end there
        for (nint i = 0; i < points; i += S.Width)
        {
            T* pairs = offset + (2 * i), masks = mask + i;
            if (i + S.Width > points)
            {
                var left = (uint)((points - i) * sizeof(T));
                Unsafe.CopyBlockUnaligned(tail, pairs, 2 * left);
                Unsafe.CopyBlockUnaligned(tail + (2 * S.Width), masks, left);
                pairs = tail;
                masks = tail + (2 * S.Width);
            }

            S.LoadPairs(pairs, out var dx, out var dy);
            var m = S.Load(masks);
            var px = S.MultiplyAdd(dx, scale, S.Add(originX, S.Load(taps + i)));
            var py = S.MultiplyAdd(dy, scale, S.Add(originY, S.Load(taps + stride + i)));
            V x0 = S.Floor(px), y0 = S.Floor(py);
            V x1 = S.Add(x0, one), y1 = S.Add(y0, one);
            V fx = S.Subtract(px, x0), fy = S.Subtract(py, y0);

            // What lies outside counts as 0: its weight is 0 and a pixel inside is read in its place.
            V insideX0 = S.Indicator(x0, zero, maxX), insideX1 = S.Indicator(x1, zero, maxX);
            V insideY0 = S.Indicator(y0, zero, maxY), insideY1 = S.Indicator(y1, zero, maxY);
            V wx0 = S.Multiply(S.Subtract(one, fx), insideX0), wx1 = S.Multiply(fx, insideX1);
            V wy0 = S.Multiply(S.Subtract(one, fy), insideY0), wy1 = S.Multiply(fy, insideY1);
            V column0 = S.Min(S.Max(x0, zero), maxX), column1 = S.Min(S.Max(x1, zero), maxX);
            V line0 = S.Multiply(S.Min(S.Max(y0, zero), maxY), width), line1 = S.Multiply(S.Min(S.Max(y1, zero), maxY), width);
            S.StoreIntegers(result.Place(0) + i, S.Add(line0, column0), channels);
            S.StoreIntegers(result.Place(1) + i, S.Add(line0, column1), channels);
            S.StoreIntegers(result.Place(2) + i, S.Add(line1, column0), channels);
            S.StoreIntegers(result.Place(3) + i, S.Add(line1, column1), channels);
            V m0 = S.Multiply(m, wy0), m1 = S.Multiply(m, wy1);
            S.Store(result.Weight(0) + i, S.Multiply(m0, wx0));
            S.Store(result.Weight(1) + i, S.Multiply(m0, wx1));
            S.Store(result.Weight(2) + i, S.Multiply(m1, wx0));
            S.Store(result.Weight(3) + i, S.Multiply(m1, wx1));
            if (withParts)
            {
                S.Store(result.WeightX0 + i, wx0);
                S.Store(result.WeightX1 + i, wx1);
                S.Store(result.WeightY0 + i, wy0);
                S.Store(result.WeightY1 + i, wy1);
                S.Store(result.InsideX0 + i, insideX0);
                S.Store(result.InsideX1 + i, insideX1);
                S.Store(result.InsideY0 + i, insideY0);
                S.Store(result.InsideY1 + i, insideY1);
                S.Store(result.Mask + i, m);
            }
        }

        return result;
    }

    /// <summary>Rows of numbers, one column a point. Corners: 0 top left, 1 top right, 2 bottom left, 3 bottom right.</summary>
    internal readonly struct Located(T* memory, int stride)
    {
        public T* WeightX0 => Row(4);

        public T* WeightX1 => Row(5);

        public T* WeightY0 => Row(6);

        public T* WeightY1 => Row(7);

        public T* InsideX0 => Row(8);

        public T* InsideX1 => Row(9);

        public T* InsideY0 => Row(10);

        public T* InsideY1 => Row(11);

        public T* Mask => Row(12);

        /// <summary>Bilinear weight of a corner times the point's mask.</summary>
        public T* Weight(int corner) => Row(corner);

        /// <summary>First channel of a corner's pixel, (y * W + x) * channels of all groups.</summary>
        public int* Place(int corner) => (int*)Row(Rows) + (corner * stride);

        internal T* Row(int index) => memory + (index * stride);
    }
}
