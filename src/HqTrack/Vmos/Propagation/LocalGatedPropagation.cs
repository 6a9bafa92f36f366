using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>
/// Gated propagation from a window of a recent frame (short-term attention), with a learned relative term that depends on the
/// unscaled query (aot-benchmark <c>LocalGatedPropagation</c> with use_linear off).
/// </summary>
internal sealed class LocalGatedPropagation : nn.Module
{
    private readonly Conv2d relative_emb_k;
    private readonly DWConv2d dw_conv;
    private readonly Linear projection;
    private readonly GatedProjection output;
    private readonly int radius;

    /// <param name="dim">Channels in and out; values have twice as many.</param>
    /// <param name="attentionDim">Channels of queries and keys.</param>
    /// <param name="radius">The window is (2 * radius + 1)^2.</param>
    public LocalGatedPropagation(long dim, long attentionDim, int radius)
        : base(nameof(LocalGatedPropagation))
    {
        this.radius = radius;
        var window = (2 * radius) + 1;
        relative_emb_k = nn.Conv2d(attentionDim, window * window, 1);
        dw_conv = new DWConv2d(dim * 2);
        projection = nn.Linear(dim * 2, dim);
        output = new GatedProjection(dw_conv, projection);
        RegisterComponents();
        Initialization.Xavier(this);
    }

    /// <summary>Attends to the window around each position; shapes as in <see cref="GatedPropagation.Forward"/>, memory on the same grid.</summary>
    public (Tensor Output, Tensor? Carried) Forward(Tensor query, LayerMemory memory, Tensor gate, (long Height, long Width) grid)
    {
        using var scope = NewDisposeScope();
        var relative = nn.functional.linear(query, relative_emb_k.weight.flatten(1), relative_emb_k.bias); // [B, L, D] -> [B, L, K*K]
        var attended = LocalAttention.Forward(
            query, memory.Key, memory.Value, relative, (int)grid.Height, (int)grid.Width, radius, 1 / Math.Sqrt(query.size(2)));
        return GatedPropagation.Split(attended, gate, grid, output);
    }
}
