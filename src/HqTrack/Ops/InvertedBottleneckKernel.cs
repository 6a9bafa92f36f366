using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HqTrack.Ops.Simd;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Expansion, depthwise 3x3 convolution, projection and residual of one block in one pass over the image. The expanded map exists three rows at a time, in the cache.
/// </summary>
/// <remarks>Every output value is summed in a fixed order, whatever the number of threads.</remarks>
internal sealed unsafe class InvertedBottleneckKernel<V, S>(BottleneckShape shape)
    where V : struct
    where S : struct, ISimd<float, V>
{
    private const int Kernel = 3;
    private const int FewestRows = 4, MostRows = 12; // of the output at once: the two expanded rows that neighbouring bands share are computed twice
    private const float Six = 6;
    private const int Rows = RowProducts<V, S>.Rows;

    private readonly int lineLength = (shape.Width + 2) * shape.Hidden;

    /// <summary>Runs the block.</summary>
    /// <param name="input">[B, H, W, C]</param>
    /// <param name="weights">The block's.</param>
    /// <param name="output">[B, H', W', C']</param>
    public void Forward(float* input, BottleneckWeights weights, float* output)
    {
        var height = Math.Clamp((shape.OutHeight + get_num_threads() - 1) / get_num_threads(), FewestRows, MostRows);
        var bands = (shape.OutHeight + height - 1) / height;
        var scratch = (nuint)(((Kernel + 1) * lineLength) + (Rows * shape.Hidden)) * sizeof(float);
        ParallelRows.For(shape.Batch * bands, scratch, (item, memory) =>
        {
            int image = item / bands, first = item % bands * height;
            Band(
                input + ((nint)image * shape.Height * shape.Width * shape.Channels), weights, first, Math.Min(first + height, shape.OutHeight), (float*)memory,
                output + ((nint)image * shape.OutHeight * shape.OutWidth * shape.OutChannels));
        });
    }

    // Output rows from first to before end.
    private void Band(float* input, BottleneckWeights weights, int first, int end, float* memory, float* output)
    {
        var zeros = memory + (Kernel * lineLength);
        var pixels = zeros + lineLength;
        new Span<float>(memory, (Kernel + 1) * lineLength).Clear(); // borders stay so
        var next = 0; // row that is not expanded yet
        for (var y = first; y < end; y++)
        {
            var top = (y * shape.Stride) - 1;
            for (next = Math.Max(next, top); next <= Math.Min(top + 2, shape.Height - 1); next++)
            {
                Expand(input + ((nint)next * shape.Width * shape.Channels), weights, Line(next));
            }

            float* a = Line(top), b = Line(top + 1), c = Line(top + 2);
            for (var x = 0; x < shape.OutWidth; x += Rows)
            {
                var count = Math.Min(Rows, shape.OutWidth - x);
                for (var i = 0; i < count; i++)
                {
                    var column = (nint)(x + i) * shape.Stride * shape.Hidden;
                    Depthwise(a + column, b + column, c + column, weights, pixels + (i * shape.Hidden));
                }

                var at = ((nint)y * shape.OutWidth) + x;
                var target = output + (at * shape.OutChannels);
                RowProducts<V, S>.Run(
                    pixels, shape.Hidden, count, shape.Hidden, weights.Projection, weights.ProjectionBias, shape.OutChannels, float.NegativeInfinity, float.PositiveInfinity, target);
                if (shape.HasResidual)
                {
                    Add(target, input + (at * shape.Channels), count * shape.OutChannels);
                }
            }
        }

        float* Line(int row) => row < 0 || row >= shape.Height ? zeros : memory + (row % Kernel * lineLength);
    }

    private void Expand(float* row, BottleneckWeights weights, float* line)
    {
        line += shape.Hidden;
        if (!shape.HasExpansion)
        {
            NativeMemory.Copy(row, line, (nuint)(shape.Width * shape.Hidden) * sizeof(float));
            return;
        }

        for (var x = 0; x < shape.Width; x += Rows)
        {
            RowProducts<V, S>.Run(
                row + ((nint)x * shape.Channels), shape.Channels, Math.Min(Rows, shape.Width - x), shape.Channels, weights.Expansion, weights.ExpansionBias, shape.Hidden, 0, Six,
                line + ((nint)x * shape.Hidden));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Depthwise(float* a, float* b, float* c, BottleneckWeights weights, float* target)
    {
        int hidden = shape.Hidden;
        float* w = weights.Depthwise, bias = weights.DepthwiseBias;
        V zero = S.Zero, six = S.Broadcast(Six);
        for (var h = 0; h < hidden; h += S.Width)
        {
            var sum = S.Load(bias + h);
            var k = w + h;
            sum = Row(a + h, k, hidden, sum);
            sum = Row(b + h, k + (3 * hidden), hidden, sum);
            sum = Row(c + h, k + (6 * hidden), hidden, sum);
            S.Store(target + h, S.Min(S.Max(sum, zero), six));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Row(float* x, float* w, int hidden, V sum)
    {
        sum = S.MultiplyAdd(S.Load(x), S.Load(w), sum);
        sum = S.MultiplyAdd(S.Load(x + hidden), S.Load(w + hidden), sum);
        return S.MultiplyAdd(S.Load(x + (2 * hidden)), S.Load(w + (2 * hidden)), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* target, float* source, int count)
    {
        for (var i = 0; i < count; i += S.Width)
        {
            S.Store(target + i, S.Add(S.Load(target + i), S.Load(source + i)));
        }
    }
}
