using HqTrack.Vmos;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>
/// The convolutions and matrix products of one frame of a multi-scale network, with their shapes: every layer on the grid it runs on,
/// and the two products of each attention to a whole memory. Left out: deformable sampling, windowed attention, norms, activations.
/// </summary>
internal static class FrameWork
{
    /// <summary>Equal operations with how often a frame runs them.</summary>
    /// <param name="network">A multi-scale network on InternImage or ResNet-50.</param>
    /// <param name="width">Input width.</param>
    /// <param name="height">Input height.</param>
    /// <param name="memory">Frames in the long-term memory.</param>
    public static IReadOnlyDictionary<DenseOperation, int> Of(VmosNetwork network, int width, int height, int memory)
    {
        var work = new Dictionary<DenseOperation, int>();
        void Add(DenseOperation operation) => work[operation] = work.GetValueOrDefault(operation) + 1;
        (long Height, long Width) Grid(int stride) => (((height - 1) / stride) + 1, ((width - 1) / stride) + 1);
        using var scope = NewDisposeScope();
        foreach (var (name, module) in network.named_modules())
        {
            if (module is not (Conv2d or Linear) || StrideOf(name, network.Config) is not { } stride)
            {
                continue;
            }

            var grid = Grid(stride);
            Add(module is Linear linear
                ? new MatrixProduct(grid.Height * grid.Width, linear.in_features, linear.out_features)
                : Of((Conv2d)module, grid));
        }

        for (var i = 0; i < network.Config.Propagations; i++)
        {
            var isFine = i == network.Config.Modules;
            var dim = isFine ? network.Config.FineDims!.Value.S8 : network.Config.EmbeddingDim;
            var grid = Grid(isFine ? 8 : 16);
            var length = grid.Height * grid.Width;
            Add(new AttentionProducts(length, memory * length, dim / 2, 4 * dim)); // long-term
            Add(new AttentionProducts(length, length, dim / 2, 4 * dim)); // self
        }

        return work;
    }

    private static DenseOperation Of(Conv2d conv, (long Height, long Width) grid)
    {
        var shape = conv.weight!.shape; // [out, in / groups, K, K]
        return new Convolution(grid.Height, grid.Width, shape[0], shape[1] * conv.groups, shape[2], conv.stride[0], conv.groups);
    }

    /// <summary>Stride of the map that goes into a layer; null for layers that a frame does not run.</summary>
    private static int? StrideOf(string name, VmosConfig config)
    {
        var isFpn = config.Head == DecoderHead.Fpn;
        (string Prefix, int? Stride)[] table =
        [
            ("encoder.patch_embed.conv1", 1), ("encoder.patch_embed.conv2", 2),
            ("encoder.levels.0.", 4), ("encoder.levels.1.", 8), ("encoder.levels.2.downsample", null), ("encoder.levels.2.", 16), ("encoder.levels.3.", 16),
            ("encoder.conv1", 1), ("encoder.layer1.", 4),
            ("encoder.layer2.0.conv1", 4), ("encoder.layer2.0.conv2", 4), ("encoder.layer2.0.downsample", 4), ("encoder.layer2.", 8),
            ("encoder.layer3.0.conv1", 8), ("encoder.layer3.0.conv2", 8), ("encoder.layer3.0.downsample", 8), ("encoder.layer3.", 16),
            ("encoder_projector", 16), ("patch_wise_id_bank", 1),
            ("LSTT.layers.", 16), ("LSTT.layer_s8.", 8), ("LSTT.s8_cons_in", 16), ("LSTT.s8_", 8), ("LSTT.s4_cons_in", 8), ("LSTT.s4_", 4),
            ("conv_output", isFpn ? null : 4),
            ("decoder.conv_in", isFpn ? 16 : null), ("decoder.conv_16x", isFpn ? 16 : null), ("decoder.adapter_16x", isFpn ? 16 : null),
            ("decoder.conv_8x", isFpn ? 8 : null), ("decoder.adapter_8x", isFpn ? 8 : null), ("decoder.", isFpn ? 4 : null),
        ];
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
