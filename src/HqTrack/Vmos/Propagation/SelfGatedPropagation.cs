using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>Gated self-attention over both branches (aot-benchmark <c>GatedPropagation</c> with use_linear on, one head).</summary>
internal sealed class SelfGatedPropagation : nn.Module
{
    private readonly Linear linear_QK;
    private readonly Linear linear_V1;
    private readonly Linear linear_V2;
    private readonly Linear linear_U1;
    private readonly Linear linear_U2;
    private readonly DWConv2d dw_conv;
    private readonly Linear projection;
    private readonly GatedProjection output;

    /// <param name="dim">Channels in and out, half of them the visual branch.</param>
    /// <param name="attentionDim">Channels of queries and keys.</param>
    public SelfGatedPropagation(long dim, long attentionDim)
        : base(nameof(SelfGatedPropagation))
    {
        linear_QK = nn.Linear(dim, attentionDim);
        linear_V1 = nn.Linear(dim / 2, dim);
        linear_V2 = nn.Linear(dim / 2, dim);
        linear_U1 = nn.Linear(dim / 2, dim);
        linear_U2 = nn.Linear(dim / 2, dim);
        dw_conv = new DWConv2d(dim * 2);
        projection = nn.Linear(dim * 2, dim);
        output = new GatedProjection(dw_conv, projection);
        RegisterComponents();
        Initialization.Xavier(this);
    }

    /// <summary>Visual and identity branch, each [B, L, dim / 2] -> [B, L, dim].</summary>
    public Tensor Forward(Tensor visual, Tensor identity, (long Height, long Width) grid)
    {
        using var scope = NewDisposeScope();
        var qk = linear_QK.call(cat([visual, identity], dim: 2));
        var v = nn.functional.silu(cat([linear_V1.call(visual), linear_V2.call(identity)], dim: 2)); // [B, L, 2 * dim]
        var u = nn.functional.silu(cat([linear_U1.call(visual), linear_U2.call(identity)], dim: 2));
        var attended = Attention.Forward(qk, qk, v, 1 / Math.Sqrt(qk.size(2)));
        return output.Forward(attended, u, grid).MoveToOuterDisposeScope();
    }
}
