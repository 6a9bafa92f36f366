using HqTrack.Weights.Pickle;

namespace HqTrack.Weights.Torch;

/// <summary>One block of elements in the file; several tensors may be views of it.</summary>
/// <param name="key">Its name in the file.</param>
/// <param name="type">Type of its elements.</param>
/// <param name="count">Number of its elements.</param>
internal sealed class TorchStorage(string key, ElementType type, long count)
{
    public string Key => key;

    public ElementType Type => type;

    public long Count => count;

    public long Bytes => count * type.Size;

    /// <summary>Where its bytes begin in the file; -1 until the container says so.</summary>
    public long Position { get; set; } = -1;

    /// <summary>CRC-32 of its bytes, where the container has one.</summary>
    public uint? Checksum { get; set; }
}

/// <summary>Elements offset .. offset + count of a storage.</summary>
internal sealed record StorageView(TorchStorage Storage, long Offset, long Count);

/// <summary>A tensor as the file describes it: a strided view, checked to lie inside its storage.</summary>
/// <param name="Storage">The elements.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Offset">First element, counted in <paramref name="Type"/> from the storage's start.</param>
/// <param name="Shape">Sides.</param>
/// <param name="Stride">Elements between neighbours along each side; 0 repeats.</param>
/// <param name="Count">Number of elements of the view.</param>
internal sealed record TensorReference(TorchStorage Storage, ElementType Type, long Offset, long[] Shape, long[] Stride, long Count)
{
    private const int MostSides = 64; // torch's own bound

    /// <summary>Bytes of the view when it is written out, which may be more than its storage has.</summary>
    public long Bytes => Count * Type.Size;

    /// <summary>Makes the view from what a pickle says.</summary>
    public static TensorReference Make(StorageView view, ElementType type, object? offset, PickleTuple size, PickleTuple stride, Func<string, Exception> bad)
    {
        if (size.Items.Length != stride.Items.Length || size.Items.Length > MostSides)
        {
            throw bad($"a tensor with {size.Items.Length} sides and {stride.Items.Length} strides");
        }

        var sides = Numbers(size, bad);
        var steps = Numbers(stride, bad);
        var first = offset is long number and >= 0 ? number : throw bad("a tensor with an offset that is no natural number");
        Int128 count = 1;
        Int128 last = first;
        for (var i = 0; i < sides.Length; i++)
        {
            count *= sides[i];
            last += (Int128)Math.Max(0, sides[i] - 1) * steps[i];
            if (count > long.MaxValue / 16 || last > long.MaxValue / 16)
            {
                throw bad($"a tensor of shape {Describe(sides)} that no memory could hold");
            }
        }

        var start = (Int128)view.Offset * view.Storage.Type.Size;
        var available = (Int128)view.Count * view.Storage.Type.Size;
        if (count > 0 && (last + 1) * type.Size > available)
        {
            throw bad($"a tensor of shape {Describe(sides)}, strides {Describe(steps)} and offset {first} that reaches beyond the {view.Count} elements of its storage");
        }

        if (start % type.Size != 0)
        {
            throw bad($"a tensor of {type.Name} that begins inside an element");
        }

        return new(view.Storage, type, count == 0 ? 0 : first + (long)(start / type.Size), sides, steps, (long)count);
    }

    private static string Describe(long[] numbers) => $"[{string.Join(", ", numbers.Take(8))}{(numbers.Length > 8 ? ", ..." : string.Empty)}]";

    private static long[] Numbers(PickleTuple tuple, Func<string, Exception> bad) =>
        [.. tuple.Items.Select(item => item is long number and >= 0 ? number : throw bad("a tensor with a side or stride that is no natural number"))];
}
