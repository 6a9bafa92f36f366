using System.Buffers.Binary;
using System.Text.Json;

namespace HqTrack.Weights;

/// <summary>
/// A safetensors file: an 8-byte little-endian header length, a JSON header, then the tensors' bytes. Everything the header says is
/// checked before any of it is used. No torch here.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    private const long MaxHeader = 100_000_000; // the reference implementation's bound

    private static readonly Dictionary<string, int> DTypeSizes = new(StringComparer.Ordinal)
    {
        ["F64"] = 8, ["F32"] = 4, ["F16"] = 2, ["BF16"] = 2, ["I64"] = 8, ["I32"] = 4, ["I16"] = 2, ["I8"] = 1, ["U8"] = 1, ["BOOL"] = 1,
    };

    private readonly Stream stream;
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly List<string> names = [];
    private readonly long dataStart;

    private SafetensorsFile(Stream stream, string name)
    {
        this.stream = stream;
        Name = name;
        dataStart = ReadHeader();
    }

    /// <summary>Name for messages: the path, or what the embedded resource is called.</summary>
    public string Name { get; }

    /// <summary>The header's __metadata__.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    /// <summary>Tensor names in the header's order.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Opens a file.</summary>
    /// <exception cref="CheckpointFormatException">Not a whole safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        Stream stream;
        try
        {
            stream = File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointFormatException($"{path} cannot be read ({e.Message.ReplaceLineEndings(" ")}); expected a safetensors file.", e);
        }

        return Open(stream, path);
    }

    /// <summary>Opens a seekable stream; it is disposed with the file.</summary>
    public static SafetensorsFile Open(Stream stream, string name)
    {
        try
        {
            return new SafetensorsFile(stream, name);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file has a tensor.</summary>
    public bool Contains(string tensor) => entries.ContainsKey(tensor);

    /// <summary>safetensors type name: F32, F16, BF16, I64, U8, ...</summary>
    public string DType(string tensor) => Find(tensor).DType;

    /// <summary>Shape; empty for a scalar.</summary>
    public long[] Shape(string tensor) => [.. Find(tensor).Shape];

    /// <summary>A copy of a tensor's little-endian row-major bytes.</summary>
    public byte[] Bytes(string tensor)
    {
        var bytes = new byte[Find(tensor).Length];
        ReadInto(tensor, bytes);
        return bytes;
    }

    /// <summary>Reads a tensor's bytes into memory of exactly their length.</summary>
    public void ReadInto(string tensor, Span<byte> target)
    {
        var entry = Find(tensor);
        lock (stream)
        {
            stream.Position = dataStart + entry.Start;
            stream.ReadExactly(target);
        }
    }

    public void Dispose() => stream.Dispose();

    private Entry Find(string tensor) => entries.TryGetValue(tensor, out var entry)
        ? entry
        : throw new CheckpointFormatException($"{Name} has no tensor '{tensor}'; it holds {names.Count} others.");

    private long ReadHeader()
    {
        if (stream.Length < 8)
        {
            throw Bad($"{stream.Length} bytes, fewer than a header");
        }

        Span<byte> prefix = stackalloc byte[8];
        stream.Position = 0;
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeader || (long)length > stream.Length - 8)
        {
            throw Bad($"a header of {length} bytes in a file of {stream.Length}");
        }

        var json = new byte[length];
        stream.ReadExactly(json);
        var start = 8 + (long)length;
        try
        {
            using var document = JsonDocument.Parse(json);
            ReadEntries(document.RootElement, stream.Length - start);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Bad("a header that is not the expected JSON", e);
        }

        CheckCoverage(stream.Length - start);
        return start;
    }

    private void ReadEntries(JsonElement root, long available)
    {
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                Metadata = property.Value.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? string.Empty, StringComparer.Ordinal);
                continue;
            }

            var dtype = property.Value.GetProperty("dtype").GetString()!;
            var shape = property.Value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64()).ToArray();
            var offsets = property.Value.GetProperty("data_offsets");
            long begin = offsets[0].GetInt64(), end = offsets[1].GetInt64();
            if (!DTypeSizes.TryGetValue(dtype, out var size))
            {
                throw Bad($"tensor '{property.Name}' of type {dtype}, which is not supported");
            }

            if (begin < 0 || end < begin || end > available)
            {
                throw Bad($"tensor '{property.Name}' at bytes {begin}..{end} of {available}: the file is cut short or damaged");
            }

            if (shape.Any(side => side < 0) || shape.Aggregate((Int128)size, (product, side) => product * side) != end - begin)
            {
                throw Bad($"tensor '{property.Name}' of shape [{string.Join(", ", shape)}] and type {dtype} in {end - begin} bytes");
            }

            if (!entries.TryAdd(property.Name, new(dtype, shape, begin, end - begin)))
            {
                throw Bad($"tensor '{property.Name}' twice");
            }

            names.Add(property.Name);
        }
    }

    private void CheckCoverage(long available)
    {
        long reached = 0;
        foreach (var entry in entries.Values.OrderBy(entry => entry.Start).ThenBy(entry => entry.Length))
        {
            if (entry.Start != reached)
            {
                throw Bad($"tensor bytes that overlap or leave a hole at {reached}");
            }

            reached = entry.Start + entry.Length;
        }

        if (reached != available)
        {
            throw Bad($"{available - reached} bytes after the last tensor");
        }
    }

    private CheckpointFormatException Bad(string found, Exception? inner = null) =>
        new($"{Name}: found {found}; expected a whole safetensors file, fetch or export it again.", inner);

    private sealed record Entry(string DType, long[] Shape, long Start, long Length);
}
