namespace HqTrack.Weights.Pickle;

// What a pickle can leave behind. None is null; int is long, or BigInteger beyond it; float, bool, str and bytes are the .NET types.

/// <summary>A Python list.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A Python tuple, or torch.Size.</summary>
internal sealed record PickleTuple(object?[] Items)
{
    public static readonly PickleTuple Empty = new([]);
}

/// <summary>A Python set or frozenset.</summary>
internal sealed class PickleSet
{
    public List<object?> Items { get; } = [];
}

/// <summary>A Python dict of any kind: pairs in the order they were set. A key that is set twice is there twice; the last one counts.</summary>
internal sealed class PickleDict
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    /// <summary>The value of a text key.</summary>
    public bool TryGet(string key, out object? value)
    {
        for (var i = Items.Count - 1; i >= 0; i--)
        {
            if (Items[i].Key is string text && text == key)
            {
                value = Items[i].Value;
                return true;
            }
        }

        value = null;
        return false;
    }
}

/// <summary>A name of the allow-list: a class or function that the pickle asked for. Nothing is ever imported or called.</summary>
internal sealed record PickleGlobal(string Name, PickleGlobalKind Kind);

/// <summary>An object that weights do not need, kept as its type's name alone.</summary>
internal sealed record PickleObject(string Type);
