using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>
/// One gated propagation module: long-term, short-term and self propagation of a visual and an identity branch (DeAOT
/// section 3.3; aot-benchmark networks/layers/transformer.py <c>GatedPropagationModule</c>).
/// </summary>
internal sealed class GatedPropagationModule : nn.Module
{
    private readonly LayerNorm norm1;
    private readonly Linear linear_QV;
    private readonly Linear linear_U;
    private readonly LayerNorm? id_norm1;
    private readonly Linear linear_ID_V;
    private readonly Linear? linear_ID_U;
    private readonly GatedPropagation long_term_attn;
    private readonly LocalGatedPropagation short_term_attn;
    private readonly LayerNorm norm2;
    private readonly LayerNorm id_norm2;
    private readonly SelfGatedPropagation self_attn;
    private readonly long dim;

    /// <param name="dim">Channels E of each branch.</param>
    /// <param name="radius">Radius of the short-term window.</param>
    /// <param name="isFirst">The first module has no identity branch at its input.</param>
    public GatedPropagationModule(long dim, int radius, bool isFirst)
        : base(nameof(GatedPropagationModule))
    {
        this.dim = dim;
        var attentionDim = dim / 2;
        norm1 = nn.LayerNorm(dim);
        linear_QV = nn.Linear(dim, attentionDim + (2 * dim));
        linear_U = nn.Linear(dim, 2 * dim);
        if (!isFirst)
        {
            id_norm1 = nn.LayerNorm(dim);
            linear_ID_U = nn.Linear(dim, 2 * dim);
        }

        linear_ID_V = nn.Linear(isFirst ? dim : 2 * dim, 2 * dim);
        long_term_attn = new GatedPropagation(2 * dim);
        short_term_attn = new LocalGatedPropagation(2 * dim, attentionDim, radius);
        norm2 = nn.LayerNorm(dim);
        id_norm2 = nn.LayerNorm(dim);
        self_attn = new SelfGatedPropagation(2 * dim, attentionDim);
        RegisterComponents();
        Initialization.Xavier(this);
    }

    /// <summary>Queries and values of the current frame; no memory is needed yet.</summary>
    /// <param name="visual">[B, L, E]</param>
    /// <param name="identity">[B, L, E], null for the first module.</param>
    public (LayerState State, Tensor Gate) Project(Tensor visual, Tensor? identity)
    {
        using var scope = NewDisposeScope();
        var normed = norm1.call(visual);
        var qv = linear_QV.call(normed); // [B, L, E/2 + 2E]
        var key = qv.narrow(2, 0, dim / 2).contiguous();
        var value = nn.functional.silu(qv.narrow(2, dim / 2, 2 * dim));
        var u = linear_U.call(normed);
        Tensor gate;
        Tensor? state = null;
        if (identity is null)
        {
            gate = cat([nn.functional.silu(u), ones_like(u)], dim: 2);
        }
        else
        {
            state = id_norm1!.call(identity);
            gate = nn.functional.silu(cat([u, linear_ID_U!.call(state)], dim: 2));
        }

        return (new(key.MoveToOuterDisposeScope(), value.MoveToOuterDisposeScope(), state?.MoveToOuterDisposeScope()), gate.MoveToOuterDisposeScope());
    }

    /// <summary>Fuses a frame's identity embedding into its values: what later frames attend to.</summary>
    /// <param name="state">The frame's <see cref="Project"/> result.</param>
    /// <param name="embedding">[B, L, E], the identity embedding of the frame's label map.</param>
    /// <param name="carried">[B, L, M] masks to carry along, or null.</param>
    public LayerMemory Remember(LayerState state, Tensor embedding, Tensor? carried)
    {
        using var scope = NewDisposeScope();
        var input = state.Identity is null ? embedding : cat([state.Identity, embedding], dim: 2);
        var identities = nn.functional.silu(linear_ID_V.call(input));
        var value = carried is null ? cat([state.Value, identities], dim: 2) : cat([state.Value, identities, carried], dim: 2);
        return new(state.Key.alias().MoveToOuterDisposeScope(), value.MoveToOuterDisposeScope());
    }

    /// <summary>Propagates from both memories into the current frame, then within it.</summary>
    /// <returns>Visual and identity branch [B, L, E], and the carried masks of long- and short-term attention.</returns>
    public PropagatedLayer Propagate(
        Tensor visual, Tensor? identity, LayerState state, Tensor gate, LayerMemory longTerm, LayerMemory shortTerm, (long Height, long Width) grid)
    {
        using var scope = NewDisposeScope();
        var (fromLong, carriedLong) = long_term_attn.Forward(state.Key, longTerm, gate, grid);
        var (fromShort, carriedShort) = short_term_attn.Forward(state.Key, shortTerm, gate, grid);
        var update = fromLong + fromShort; // [B, L, 2E]
        var x = visual + update.narrow(2, 0, dim);
        var id = identity is null ? update.narrow(2, dim, dim) : identity + update.narrow(2, dim, dim);
        var self = self_attn.Forward(norm2.call(x), id_norm2.call(id), grid);
        x = x + self.narrow(2, 0, dim);
        id = id + self.narrow(2, dim, dim);
        return new(
            x.MoveToOuterDisposeScope(), id.MoveToOuterDisposeScope(), carriedLong?.MoveToOuterDisposeScope(), carriedShort?.MoveToOuterDisposeScope());
    }
}

/// <summary>Output of one module: branches [B, L, E] and carried masks [B, L, M] (null without a mask path).</summary>
internal readonly record struct PropagatedLayer(Tensor Visual, Tensor Identity, Tensor? CarriedLong, Tensor? CarriedShort);
