using HqTrack.Vmos.Propagation;
using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>One frame as later frames attend to it.</summary>
/// <param name="Layers">One entry per propagation module.</param>
/// <param name="Local">Keys and mask blocks at 1/8; null without a mask path.</param>
internal sealed record FrameMemory(IReadOnlyList<LayerMemory> Layers, LayerMemory? Local) : IDisposable
{
    public void Dispose()
    {
        foreach (var layer in Layers)
        {
            layer.Dispose();
        }

        Local?.Dispose();
    }

    /// <summary>Moves every tensor out of the current dispose scope.</summary>
    public FrameMemory MoveToOuter() => new([.. Layers.Select(layer => layer.MoveToOuter())], Local?.MoveToOuter());
}

/// <summary>A frame after propagation: what the decoder reads and what remembering needs. Tensors belong to the dispose scope.</summary>
/// <param name="States">Per module: keys, values and identity input.</param>
/// <param name="Map">Visual and identity branch after the final norm, [B, 2E, H/16, W/16].</param>
/// <param name="Last">The last module's output.</param>
internal sealed record Propagation16(IReadOnlyList<LayerState> States, Tensor Map, PropagatedLayer Last);
