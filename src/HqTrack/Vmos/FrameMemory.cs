using HqTrack.Vmos.Propagation;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>One frame as later frames attend to it.</summary>
/// <param name="Layers">One entry per propagation module, the one at 1/8 last, and with a mask path the samples of its target model.</param>
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

    /// <summary>Puts the tensors into a saved session.</summary>
    public void Save(Dictionary<string, Tensor> tensors, string name)
    {
        foreach (var (part, layer) in Layers.Select((layer, i) => ($"{name}.layer{i}", layer)).Concat(Local is { } local ? [($"{name}.local", local)] : []))
        {
            tensors[$"{part}.key"] = layer.Key;
            tensors[$"{part}.value"] = layer.Value;
        }
    }

    /// <summary>Makes a copy of what <see cref="Save"/> gave; whoever holds it disposes it.</summary>
    public static FrameMemory Restore(IReadOnlyDictionary<string, Tensor> tensors, string name, int layers)
    {
        LayerMemory Layer(string part) => new(tensors[$"{part}.key"].clone(), tensors[$"{part}.value"].clone());
        return new FrameMemory(
            [.. Enumerable.Range(0, layers).Select(i => Layer($"{name}.layer{i}"))],
            tensors.ContainsKey($"{name}.local.key") ? Layer($"{name}.local") : null).Detach();
    }

    /// <summary>Takes every tensor out of all dispose scopes; whoever holds this disposes it.</summary>
    public FrameMemory Detach()
    {
        foreach (var layer in Local is { } local ? Layers.Append(local) : Layers)
        {
            layer.Key.DetachFromDisposeScope();
            layer.Value.DetachFromDisposeScope();
        }

        return this;
    }
}

/// <summary>A frame after propagation: what the head reads and what remembering needs. Tensors belong to the dispose scope.</summary>
/// <param name="States">Per module: keys, values and identity input.</param>
/// <param name="Map">Visual and identity branch after the final norm: [B, 2E, H/16, W/16], or [B, 2 * E4, H/4, W/4] of a multi-scale network.</param>
/// <param name="Coarse">The last 1/16 module's branches [B, 2E, H/16, W/16], where the FPN of a multi-scale network starts; else null.</param>
/// <param name="CarriedLong">Mask blocks that long-term attention carried, [B, L, M]; null without a mask path.</param>
/// <param name="CarriedShort">Likewise of short-term attention.</param>
internal sealed record PropagatedFrame(IReadOnlyList<LayerState> States, Tensor Map, Tensor? Coarse, Tensor? CarriedLong, Tensor? CarriedShort) : IDisposable
{
    /// <summary>Moves every tensor out of the current dispose scope.</summary>
    public PropagatedFrame MoveToOuter() => new(
        [.. States.Select(state => state.MoveToOuter())], Map.MoveToOuterDisposeScope(), Coarse?.MoveToOuterDisposeScope(),
        CarriedLong?.MoveToOuterDisposeScope(), CarriedShort?.MoveToOuterDisposeScope());

    /// <summary>Takes every tensor out of all dispose scopes; whoever holds this disposes it.</summary>
    public PropagatedFrame Detach()
    {
        foreach (var tensor in Tensors())
        {
            tensor.DetachFromDisposeScope();
        }

        return this;
    }

    public void Dispose()
    {
        foreach (var tensor in Tensors())
        {
            tensor.Dispose();
        }
    }

    private IEnumerable<Tensor> Tensors()
    {
        var all = States.SelectMany(state => new[] { state.Key, state.Value, state.Identity }).Append(Map).Append(Coarse).Append(CarriedLong).Append(CarriedShort);
        return all.OfType<Tensor>();
    }
}
