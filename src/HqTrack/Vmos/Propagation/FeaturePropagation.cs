using HqTrack.Vmos.Identities;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>
/// Gated propagation modules in a row, from an encoded frame and what is remembered to the map that the head reads. Module fields are
/// the checkpoint keys below "LSTT".
/// </summary>
internal abstract class FeaturePropagation(string name) : nn.Module(name)
{
    /// <summary>Hands a module what it attends to, given what it computed for the current frame.</summary>
    protected delegate (LayerMemory LongTerm, LayerMemory ShortTerm) MemoryOf(int module, LayerState state);

    /// <summary>The modules in the order of their memories.</summary>
    protected abstract IReadOnlyList<GatedPropagationModule> Modules { get; }

    /// <summary>Propagates a reference frame from itself and returns what it leaves in memory, one entry per module.</summary>
    /// <param name="features">The frame.</param>
    /// <param name="embedding">Identity embedding of its label map.</param>
    /// <param name="carried">[B, L, M] mask blocks for the last module, or null.</param>
    public IReadOnlyList<LayerMemory> Reference(ImageFeatures features, IdentityEmbedding embedding, Tensor? carried)
    {
        using var scope = NewDisposeScope();
        var memories = new LayerMemory[Modules.Count];
        Run(
            features,
            (i, state) =>
            {
                memories[i] = Remember(i, state, embedding, carried);
                return (memories[i], memories[i]);
            },
            needsMap: false);
        return [.. memories.Select(memory => memory.MoveToOuter())];
    }

    /// <summary>Propagates the memories into a frame.</summary>
    /// <param name="features">The frame.</param>
    /// <param name="longTerm">Per module, any number of memory frames.</param>
    /// <param name="shortTerm">Per module, one recent frame.</param>
    public PropagatedFrame Propagate(ImageFeatures features, IReadOnlyList<LayerMemory> longTerm, IReadOnlyList<LayerMemory> shortTerm)
    {
        using var scope = NewDisposeScope();
        var states = new LayerState[Modules.Count];
        var result = Run(
            features,
            (i, state) =>
            {
                states[i] = state;
                return (longTerm[i], shortTerm[i]);
            },
            needsMap: true)!;
        return (result with { States = states }).MoveToOuter();
    }

    /// <summary>Fuses a label map into the frame that was propagated.</summary>
    public IReadOnlyList<LayerMemory> Remember(IReadOnlyList<LayerState> states, IdentityEmbedding embedding, Tensor? carried) =>
        [.. states.Select((state, i) => Remember(i, state, embedding, carried))];

    /// <summary>Runs every module in the caller's dispose scope; the last module's output is needed only for the map.</summary>
    protected abstract PropagatedFrame? Run(ImageFeatures features, MemoryOf memoryOf, bool needsMap);

    /// <summary>The identity embedding on a module's grid.</summary>
    protected abstract Tensor EmbeddingOf(int module, IdentityEmbedding embedding);

    /// <summary>Runs one module; without <paramref name="needsOutput"/> only up to its memory.</summary>
    protected PropagatedLayer RunModule(int index, Tensor visual, Tensor? identity, (long Height, long Width) grid, MemoryOf memoryOf, bool needsOutput = true)
    {
        var (state, gate) = Modules[index].Project(visual, identity);
        var (longTerm, shortTerm) = memoryOf(index, state);
        return needsOutput ? Modules[index].Propagate(visual, identity, state, gate, longTerm, shortTerm, grid) : default;
    }

    private LayerMemory Remember(int index, LayerState state, IdentityEmbedding embedding, Tensor? carried) =>
        Modules[index].Remember(state, EmbeddingOf(index, embedding), index == Modules.Count - 1 ? carried : null);
}
