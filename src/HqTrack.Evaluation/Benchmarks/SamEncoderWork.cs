using HqTrack.Refiner.Sam;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>
/// The convolutions and matrix products of one image on its way to what the decoder reads, with their shapes: every layer of the image encoder on the grid
/// it runs on, the products of attention, and the high-quality decoder's and the sharpener's own work on the image. Left out: norms, activations, softmax, and moving windows about.
/// </summary>
internal static class SamEncoderWork
{
    private const long TinyHeadDim = 32;

    /// <summary>Equal operations with how often an image runs them.</summary>
    public static IReadOnlyDictionary<DenseOperation, int> Of(SamNetwork network)
    {
        var work = new Dictionary<DenseOperation, int>();
        void Add(DenseOperation operation, int count = 1) => work[operation] = work.GetValueOrDefault(operation) + count;
        var config = network.Config;
        using var scope = NewDisposeScope();
        foreach (var (name, module) in network.ImageEncoder.named_modules())
        {
            if (module is not (Conv2d or Linear) || StrideOf(name, config) is not { } stride)
            {
                continue;
            }

            long side = config.ImageSize / stride;
            if (module is Linear linear)
            {
                Add(new MatrixProduct(side * side, linear.in_features, linear.out_features));
                continue;
            }

            var conv = (Conv2d)module;
            var shape = conv.weight!.shape; // [out, in / groups, K, K]
            Add(shape[2] == config.PatchSize
                ? new MatrixProduct(side * side / (shape[2] * shape[2]), shape[1] * shape[2] * shape[2], shape[0]) // patches without overlap
                : new Convolution(side, side, shape[0], shape[1] * conv.groups, shape[2], conv.stride[0], conv.groups));
        }

        switch (config.Encoder)
        {
            case SamEncoder.ViT:
                AddViT(config, Add);
                break;
            case SamEncoder.TinyViT:
                AddWindows(config.ImageSize / 8, 7, 4, TinyHeadDim, 2, Add);
                AddWindows(config.ImageSize / 16, 14, 5, TinyHeadDim, 6, Add);
                AddWindows(config.ImageSize / 16, 7, 10, TinyHeadDim, 2, Add);
                break;
        }

        if (config.IsHighQuality)
        {
            AddDoubling(config.EarlyDim, config.PromptDim, config.PromptDim / 8);
            AddDoubling(config.PromptDim, config.PromptDim / 4, config.PromptDim / 8);
        }

        if (config.SharpenerDim > 0)
        {
            Add(new Convolution(config.ImageSize, config.ImageSize, config.SharpenerDim, 3, 3, MaskSharpener.Stride, 1));
            Add(new Convolution(config.ImageSize / MaskSharpener.Stride, config.ImageSize / MaskSharpener.Stride, MaskSharpener.Colours, config.SharpenerDim, 3, 1, 1));
        }

        return work;

        // Two transposed convolutions without overlap: matrix products.
        void AddDoubling(long from, long middle, long to)
        {
            long positions = (long)config.Grid * config.Grid;
            Add(new MatrixProduct(positions, from, 4 * middle));
            Add(new MatrixProduct(4 * positions, middle, 4 * to));
        }
    }

    private static void AddViT(SamConfig config, Action<DenseOperation, int> add)
    {
        long grid = config.Grid, depth = config.EmbedDim / config.Heads;
        var globals = config.GlobalBlocks.Count;
        add(new AttentionProducts(grid * grid, grid * grid, depth, depth), globals * config.Heads);
        add(new MatrixProduct(grid * grid * config.Heads, depth, grid), 2 * globals); // row and column positions
        var padded = (grid + config.WindowSize - 1) / config.WindowSize * config.WindowSize;
        AddWindows(grid, config.WindowSize, config.Heads, depth, config.Depth - globals, add);
        add(new MatrixProduct(padded * padded * config.Heads, depth, config.WindowSize), 2 * (config.Depth - globals));
    }

    private static void AddWindows(long side, long window, long heads, long depth, int blocks, Action<DenseOperation, int> add)
    {
        var windows = (side + window - 1) / window;
        add(new WindowProducts(windows * windows * heads, window * window, depth), blocks);
    }

    /// <summary>Stride of the map that goes into a layer; null for layers that an image does not run.</summary>
    private static int? StrideOf(string name, SamConfig config)
    {
        (string Prefix, int? Stride)[] table = config.Encoder switch
        {
            SamEncoder.ViT => [("patch_embed", 1), ("blocks.", 16), ("neck.", 16)],
            SamEncoder.TinyViT =>
            [
                ("patch_embed.seq.0", 1), ("patch_embed.seq.2", 2),
                ("layers.0.downsample.conv3", 8), ("layers.0.", 4), ("layers.1.downsample.conv3", 16), ("layers.1.", 8), ("layers.", 16),
                ("head", null), ("neck.", 16),
            ],
            _ =>
            [
                ("trunk.features.0.", 1), ("trunk.features.1.", 2), ("trunk.features.2.conv.0", 2), ("trunk.features.2.conv.1", 2), ("trunk.features.2.", 4), ("trunk.features.3.", 4),
                ("trunk.features.4.conv.0", 4), ("trunk.features.4.conv.1", 4), ("trunk.features.4.", 8), ("trunk.features.5.", 8), ("trunk.features.6.", 8),
                ("trunk.features.7.conv.0", 8), ("trunk.features.7.conv.1", 8), ("trunk.", 16), ("neck.", 16),
            ],
        };
        foreach (var (prefix, stride) in table)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                return stride;
            }
        }

        throw new InvalidOperationException($"no grid is known for layer {name} of {config.Name}");
    }
}
