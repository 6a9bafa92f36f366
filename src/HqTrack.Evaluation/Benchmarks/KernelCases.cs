using HqTrack.Ops;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>The sizes at which the models run the kernels.</summary>
internal static class KernelCases
{
    private const int MemoryFrames = 6; // the published bound

    /// <summary>All cases, in the order of reports.</summary>
    /// <param name="width">Network input, pixels.</param>
    /// <param name="height">Network input, pixels.</param>
    public static IReadOnlyList<KernelCase> All(int width, int height)
    {
        (int Height, int Width) Grid(int stride) => ((height + stride - 1) / stride, (width + stride - 1) / stride);
        return
        [
            Deformable("InternImage-T level 1", Grid(4), 4, 16),
            Deformable("InternImage-T level 2", Grid(8), 8, 16),
            Deformable("InternImage-T level 3", Grid(16), 16, 16),
            Deformable("InternImage-T level 4", Grid(16), 32, 8),
            Windowed("VMOS 1/16", Grid(16), radius: 7, keyDim: 128, channels: 1024, isBiasShared: false),
            Windowed("VMOS 1/8", Grid(8), radius: 7, keyDim: 64, channels: 512, isBiasShared: false),
            Windowed("lite 1/16", Grid(16), radius: 7, keyDim: 64, channels: 556, isBiasShared: false),
            Windowed("lite 1/8", Grid(8), radius: 4, keyDim: 32, channels: 44, isBiasShared: true),
            Memory("VMOS 1/16", Grid(16), keyDim: 128, channels: 1024),
            Memory("lite 1/16", Grid(16), keyDim: 64, channels: 556),
            Bottleneck("MobileNetV2 block 2", Grid(2), 16, 24, stride: 2),
            Bottleneck("MobileNetV2 block 3", Grid(4), 24, 24, stride: 1),
            Bottleneck("MobileNetV2 block 8", Grid(16), 64, 64, stride: 1),
        ];
    }

    private static KernelCase Deformable(string name, (int Height, int Width) grid, int groups, int channels)
    {
        var geometry = new Dcnv3Geometry(groups);
        long h = grid.Height, w = grid.Width, points = groups * geometry.Points, samples = h * w * points * channels;
        return new(
            "dcnv3",
            name,
            $"{h}x{w}, {groups} groups of {channels}",
            8.0 * samples, // four corners, multiplied and added
            8.0 * samples * sizeof(float),
            generator =>
            [
                Random(generator, 1, h, w, groups * channels),
                Random(generator, 1, h, w, points * 2),
                softmax(Random(generator, 1, h, w, groups, geometry.Points), -1).view(1, h, w, points),
            ],
            x => Dcnv3.Forward(x[0], x[1], x[2], geometry),
            x => Dcnv3Composed.Forward(x[0], x[1], x[2], geometry));
    }

    private static KernelCase Windowed(string name, (int Height, int Width) grid, int radius, int keyDim, int channels, bool isBiasShared)
    {
        var (h, w) = grid;
        int length = h * w, positions = ((2 * radius) + 1) * ((2 * radius) + 1);
        var scale = 1 / Math.Sqrt(keyDim);
        return new(
            "local_attention",
            name,
            $"{h}x{w}, window {(2 * radius) + 1}, D {keyDim}, C {channels}",
            2.0 * (keyDim + channels) * Inside(h, radius) * Inside(w, radius),
            3.0 * length * positions * Math.Max(keyDim, channels) * sizeof(float),
            generator =>
            [
                Random(generator, 1, length, keyDim),
                Random(generator, 1, length, keyDim),
                Random(generator, 1, length, channels),
                isBiasShared ? Random(generator, positions) : Random(generator, 1, length, positions),
            ],
            x => LocalAttention.Forward(x[0], x[1], x[2], x[3], h, w, radius, scale),
            x => LocalAttentionReference.Forward(x[0], x[1], x[2], x[3], h, w, radius, scale));
    }

    private static KernelCase Memory(string name, (int Height, int Width) grid, int keyDim, int channels)
    {
        long length = grid.Height * grid.Width, memory = MemoryFrames * length;
        var scale = 1 / Math.Sqrt(keyDim);
        return new(
            "attention",
            name,
            $"{length} to {memory}, D {keyDim}, C {channels}",
            2.0 * (keyDim + channels) * length * memory,
            2.0 * length * memory * sizeof(float),
            generator => [Random(generator, 1, length, keyDim), Random(generator, 1, memory, keyDim), Random(generator, 1, memory, channels)],
            x => Attention.Forward(x[0], x[1], x[2], scale),
            x => Attention.Composed(x[0], x[1], x[2], scale));
    }

    private static KernelCase Bottleneck(string name, (int Height, int Width) grid, int channels, int outChannels, int stride)
    {
        long h = grid.Height, w = grid.Width, hidden = 6 * channels, outputs = ((h + stride - 1) / stride) * ((w + stride - 1) / stride);
        var hasResidual = stride == 1 && channels == outChannels;
        return new(
            "inverted_bottleneck",
            name,
            $"{h}x{w}, {channels} to {hidden} to {outChannels}, stride {stride}",
            2.0 * hidden * ((h * w * channels) + (outputs * (9 + outChannels))),
            2.0 * h * w * hidden * sizeof(float),
            generator =>
            [
                ChannelsLast.Of(Random(generator, 1, channels, h, w)),
                ChannelsLast.Of(Random(generator, hidden, channels, 1, 1)), Random(generator, hidden),
                ChannelsLast.Of(Random(generator, hidden, 1, 3, 3)), Random(generator, hidden),
                ChannelsLast.Of(Random(generator, outChannels, hidden, 1, 1)), Random(generator, outChannels),
            ],
            x =>
            {
                using var block = new InvertedBottleneck((x[1], x[2]), (x[3], x[4]), (x[5], x[6]), stride, hasResidual);
                return block.Forward(x[0]);
            },
            x =>
            {
                using var scope = NewDisposeScope();
                var y = nn.functional.relu6(nn.functional.conv2d(x[0], x[1], x[2]), inplace: true);
                y = nn.functional.relu6(nn.functional.conv2d(y, x[3], x[4], [stride, stride], [1, 1], groups: hidden), inplace: true);
                y = nn.functional.conv2d(y, x[5], x[6]);
                return (hasResidual ? y.add_(x[0]) : y).MoveToOuterDisposeScope();
            });
    }

    /// <summary>Sum over a side's positions of how many positions their windows have inside.</summary>
    private static double Inside(int side, int radius) =>
        Enumerable.Range(0, side).Sum(x => (double)(Math.Min(side, x + radius + 1) - Math.Max(0, x - radius)));

    private static Tensor Random(Generator generator, params long[] shape) => randn(shape, generator: generator);
}
