using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>
/// Gated propagation from the whole memory (long-term attention): single head, shared QK, softmax over all memory positions
/// (DeAOT; aot-benchmark networks/layers/attention.py <c>GatedPropagation</c> with use_linear off).
/// </summary>
internal sealed class GatedPropagation : nn.Module
{
    private readonly DWConv2d dw_conv;
    private readonly Linear projection;
    private readonly GatedProjection output;

    /// <param name="dim">Channels in and out (visual and identity branch together); values have twice as many.</param>
    public GatedPropagation(long dim)
        : base(nameof(GatedPropagation))
    {
        dw_conv = new DWConv2d(dim * 2);
        projection = nn.Linear(dim * 2, dim);
        output = new GatedProjection(dw_conv, projection);
        RegisterComponents();
        Initialization.Xavier(this);
    }

    /// <summary>Attends to the memory.</summary>
    /// <param name="query">[B, L, D]</param>
    /// <param name="memory">Keys [B, TL, D], values [B, TL, 2 * dim + M].</param>
    /// <param name="gate">[B, L, 2 * dim]</param>
    /// <param name="grid">Height and width of the query's map, L = H * W.</param>
    /// <returns>[B, L, dim], and the attended columns beyond the gate's [B, L, M] (carried masks), null when M is 0.</returns>
    public (Tensor Output, Tensor? Carried) Forward(Tensor query, LayerMemory memory, Tensor gate, (long Height, long Width) grid)
    {
        using var scope = NewDisposeScope();
        var attended = Attention.Forward(query, memory.Key, memory.Value, 1 / Math.Sqrt(query.size(2)));
        return Split(attended, gate, grid, output);
    }

    /// <summary>Gates the first columns and hands out the others.</summary>
    internal static (Tensor Output, Tensor? Carried) Split(Tensor attended, Tensor gate, (long Height, long Width) grid, GatedProjection output)
    {
        using var scope = NewDisposeScope();
        var width = gate.size(2);
        var extra = attended.size(2) - width;
        var result = output.Forward(extra == 0 ? attended : attended.narrow(2, 0, width), gate, grid);
        var carried = extra == 0 ? null : attended.narrow(2, width, extra).contiguous();
        return (result.MoveToOuterDisposeScope().MoveToOuterDisposeScope(), carried?.MoveToOuterDisposeScope().MoveToOuterDisposeScope());
    }
}
