using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>What one propagation module attends to: one frame, or several one after another.</summary>
/// <param name="Key">[B, T * L, D]; the memory frame's own queries (shared QK).</param>
/// <param name="Value">[B, T * L, C]: visual values, identity values and, with a mask path, the carried masks.</param>
internal readonly record struct LayerMemory(Tensor Key, Tensor Value) : IDisposable
{
    public void Dispose()
    {
        Key.Dispose();
        Value.Dispose();
    }

    /// <summary>Moves both tensors out of the current dispose scope.</summary>
    public LayerMemory MoveToOuter() => new(Key.MoveToOuterDisposeScope(), Value.MoveToOuterDisposeScope());
}

/// <summary>What one module computed for the current frame and needs again to remember it.</summary>
/// <param name="Key">[B, L, D]</param>
/// <param name="Value">silu of the visual values, [B, L, 2E].</param>
/// <param name="Identity">Input of the identity values, [B, L, E]; null for the first module.</param>
internal readonly record struct LayerState(Tensor Key, Tensor Value, Tensor? Identity)
{
    /// <summary>Moves every tensor out of the current dispose scope.</summary>
    public LayerState MoveToOuter() => new(Key.MoveToOuterDisposeScope(), Value.MoveToOuterDisposeScope(), Identity?.MoveToOuterDisposeScope());
}
