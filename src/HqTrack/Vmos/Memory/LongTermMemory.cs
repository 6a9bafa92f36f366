using System.Text.Json.Nodes;
using HqTrack.Vmos.Propagation;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Memory;

/// <summary>
/// Long-term memory of one propagation module in preallocated storage: reference frames stay for ever, of the others the oldest is
/// overwritten when the bound is reached (HQTrack keeps six frames and drops the second oldest).
/// </summary>
/// <remarks>Attention is a sum over positions, so the order of the slots does not matter and nothing is moved.</remarks>
internal sealed class LongTermMemory(int? bound) : IDisposable
{
    private readonly List<Slot> slots = [];
    private Tensor? keys;
    private Tensor? values;
    private long clock;

    /// <summary>Frames held.</summary>
    public int Count => slots.Count;

    /// <summary>Positions held, over all frames.</summary>
    public long Positions => slots.Count * SlotLength;

    /// <summary>Everything remembered, as views that are valid until the next <see cref="Add"/>: [1, Count * L, D] and [1, Count * L, C].</summary>
    public LayerMemory View() => new(keys!.narrow(1, 0, Positions), values!.narrow(1, 0, Positions));

    /// <summary>Copies a frame in. A reference frame is never evicted.</summary>
    /// <param name="frame">[1, L, D] and [1, L, C]; the same shapes each time.</param>
    /// <param name="isReference">Whether it stays for ever.</param>
    /// <param name="overNewest">Whether it takes the place of the newest entry, as the same frame with better labels.</param>
    public void Add(LayerMemory frame, bool isReference, bool overNewest = false)
    {
        SlotLength = frame.Key.size(1);
        var slot = overNewest ? slots.FindIndex(entry => entry.Age == clock - 1) : ChooseSlot();
        Reserve(slot + 1, frame);
        Copy(keys!, frame.Key, slot);
        Copy(values!, frame.Value, slot);
        var entry = new Slot(isReference, clock++);
        if (slot == slots.Count)
        {
            slots.Add(entry);
        }
        else
        {
            slots[slot] = entry;
        }
    }

    /// <summary>Puts the tensors into a saved session and returns what else there is to know.</summary>
    public JsonObject Save(Dictionary<string, Tensor> tensors, string name)
    {
        var view = View();
        tensors[$"{name}.key"] = view.Key;
        tensors[$"{name}.value"] = view.Value;
        return new()
        {
            ["references"] = new JsonArray([.. slots.Select(slot => JsonValue.Create(slot.IsReference))]),
            ["ages"] = new JsonArray([.. slots.Select(slot => JsonValue.Create(slot.Age))]),
            ["clock"] = clock,
        };
    }

    /// <summary>Takes over what <see cref="Save"/> gave; slots keep their places, so that sums come out with the same bits.</summary>
    public void Restore(JsonNode state, IReadOnlyDictionary<string, Tensor> tensors, string name)
    {
        var references = state["references"]!.AsArray();
        var ages = state["ages"]!.AsArray();
        var (key, value) = (tensors[$"{name}.key"], tensors[$"{name}.value"]);
        SlotLength = key.size(1) / references.Count;
        for (var i = 0; i < references.Count; i++)
        {
            using var scope = NewDisposeScope();
            LayerMemory frame = new(key.narrow(1, i * SlotLength, SlotLength), value.narrow(1, i * SlotLength, SlotLength));
            Reserve(i + 1, frame);
            Copy(keys!, frame.Key, i);
            Copy(values!, frame.Value, i);
            slots.Add(new(references[i]!.GetValue<bool>(), ages[i]!.GetValue<long>()));
        }

        clock = state["clock"]!.GetValue<long>();
    }

    public void Dispose()
    {
        keys?.Dispose();
        values?.Dispose();
        keys = values = null;
        slots.Clear();
    }

    private long SlotLength { get; set; }

    private int ChooseSlot()
    {
        if (bound is null || slots.Count < bound)
        {
            return slots.Count;
        }

        var oldest = -1;
        for (var i = 0; i < slots.Count; i++)
        {
            if (!slots[i].IsReference && (oldest < 0 || slots[i].Age < slots[oldest].Age))
            {
                oldest = i;
            }
        }

        // More references than the bound: a person added them, so they stay and one slot is added beside them.
        return oldest < 0 ? slots.Count : oldest;
    }

    private void Reserve(int count, LayerMemory frame)
    {
        var capacity = keys is null ? 0 : keys.size(1) / SlotLength;
        if (capacity >= count)
        {
            return;
        }

        var wanted = Math.Max(count, bound ?? (int)Math.Max(4, capacity * 2));
        keys = Grow(keys, frame.Key, wanted);
        values = Grow(values, frame.Value, wanted);
    }

    private Tensor Grow(Tensor? storage, Tensor frame, int count)
    {
        var grown = empty([frame.size(0), count * SlotLength, frame.size(2)], dtype: frame.dtype, device: frame.device).DetachFromDisposeScope();
        if (storage is not null)
        {
            using var head = grown.narrow(1, 0, storage.size(1));
            head.copy_(storage).Dispose();
            storage.Dispose();
        }

        return grown;
    }

    private void Copy(Tensor storage, Tensor frame, int slot)
    {
        using var target = storage.narrow(1, slot * SlotLength, SlotLength);
        target.copy_(frame).Dispose();
    }

    private readonly record struct Slot(bool IsReference, long Age);
}
