using HqTrack.Layers;
using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>
/// Lets drawn prompts spread over the image's features before the two-way transformer, whose image side has no other way for neighbours to meet: residual blocks of a 7x7
/// depthwise convolution and an MLP (Liu et al. 2022, "A ConvNet for the 2020s").
/// </summary>
internal sealed class PromptMixer : nn.Module
{
    private readonly ModuleList<Block> blocks;

    /// <param name="channels">C</param>
    /// <param name="hidden">Width of the MLPs.</param>
    /// <param name="depth">Blocks.</param>
    public PromptMixer(int channels, int hidden, int depth)
        : base(nameof(PromptMixer))
    {
        blocks = new([.. Enumerable.Range(0, depth).Select(_ => new Block(channels, hidden))]);
        RegisterComponents();
    }

    /// <summary>[B, L, C] -> [B, L, C], positions by rows.</summary>
    public Tensor Mix(Tensor sequence, (long Height, long Width) grid)
    {
        using var scope = NewDisposeScope();
        var map = ChannelsLast.ToMap(sequence, grid.Height, grid.Width);
        foreach (var block in blocks)
        {
            map = block.call(map);
        }

        return ChannelsLast.ToSequence(map).MoveToOuterDisposeScope();
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv;
        private readonly LayerNorm2d norm;
        private readonly Conv2d expand;
        private readonly Conv2d reduce;

        public Block(int channels, int hidden)
            : base(nameof(Block))
        {
            conv = nn.Conv2d(channels, channels, 7, padding: 3, groups: channels);
            norm = new LayerNorm2d(channels);
            expand = nn.Conv2d(channels, hidden, 1);
            reduce = nn.Conv2d(hidden, channels, 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var inner = nn.functional.gelu(expand.call(norm.call(conv.call(input))));
            return (input + reduce.call(inner)).MoveToOuterDisposeScope();
        }
    }
}
