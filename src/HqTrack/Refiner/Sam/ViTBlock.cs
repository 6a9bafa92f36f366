using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Transformer block of the image encoder: attention within windows or over the whole map, then an MLP.</summary>
internal sealed class ViTBlock : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly ViTAttention attn;
    private readonly LayerNorm norm2;
    private readonly MlpBlock mlp;
    private readonly int window;

    /// <param name="config">Widths and heads.</param>
    /// <param name="window">Side of a window; 0 attends to the whole map.</param>
    /// <param name="grid">Map that the relative positions are made for; null for the config's.</param>
    public ViTBlock(SamConfig config, int window, (long Height, long Width)? grid = null)
        : base(nameof(ViTBlock))
    {
        this.window = window;
        var size = window > 0 ? (window, window) : grid ?? (config.Grid, config.Grid);
        norm1 = nn.LayerNorm(config.EmbedDim, config.BlockEpsilon);
        attn = new ViTAttention(config.EmbedDim, config.Heads, config.HasQkvBias, config.HasRelativePosition ? size : null);
        norm2 = nn.LayerNorm(config.EmbedDim, config.BlockEpsilon);
        mlp = new MlpBlock(config.EmbedDim, config.EmbedDim * config.MlpRatio, isGelu: true);
        RegisterComponents();
    }

    /// <summary>Whether the block attends to the whole map.</summary>
    public bool IsGlobal => window == 0;

    /// <summary>[B, H, W, C] -> [B, H, W, C].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input + attn.Forward(norm1.call(input), window);
        return (x + mlp.call(norm2.call(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>Two linear layers with GELU (exact) or ReLU between them; keys lin1 and lin2.</summary>
internal sealed class MlpBlock : nn.Module<Tensor, Tensor>
{
    private readonly Linear lin1;
    private readonly Linear lin2;
    private readonly bool isGelu;

    public MlpBlock(long channels, long hidden, bool isGelu)
        : base(nameof(MlpBlock))
    {
        this.isGelu = isGelu;
        lin1 = nn.Linear(channels, hidden);
        lin2 = nn.Linear(hidden, channels);
        RegisterComponents();
    }

    /// <summary>[..., C] -> [..., C].</summary>
    public override Tensor forward(Tensor input) => FeedForward.Forward(input, lin1.call, isGelu ? FeedForward.Gelu : FeedForward.Relu, lin2.call);
}
