namespace HqTrack.Weights.Torch;

/// <summary>An element type of torch.</summary>
/// <param name="Name">Its name below torch: float32, bool ...</param>
/// <param name="Size">Bytes an element.</param>
internal sealed record ElementType(string Name, int Size)
{
    private static readonly Dictionary<string, ElementType> Storages = new(StringComparer.Ordinal)
    {
        ["DoubleStorage"] = new("float64", 8),
        ["FloatStorage"] = new("float32", 4),
        ["HalfStorage"] = new("float16", 2),
        ["BFloat16Storage"] = new("bfloat16", 2),
        ["LongStorage"] = new("int64", 8),
        ["IntStorage"] = new("int32", 4),
        ["ShortStorage"] = new("int16", 2),
        ["CharStorage"] = new("int8", 1),
        ["ByteStorage"] = new("uint8", 1),
        ["BoolStorage"] = new("bool", 1),
        ["ComplexFloatStorage"] = new("complex64", 8),
        ["ComplexDoubleStorage"] = new("complex128", 16),
    };

    private static readonly Dictionary<string, ElementType> Names = Storages.Values.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>Whether weights can have this type; complex numbers are only stepped over.</summary>
    public bool IsReal => !Name.StartsWith("complex", StringComparison.Ordinal);

    /// <summary>The type with a name such as "float32", or null.</summary>
    public static ElementType? Named(string name) => Names.GetValueOrDefault(name);

    /// <summary>The element type of a storage class; an untyped storage counts bytes.</summary>
    public static bool OfStorage(string storage, out ElementType type)
    {
        type = Names["uint8"];
        return storage == "UntypedStorage" || Storages.TryGetValue(storage, out type!);
    }
}
