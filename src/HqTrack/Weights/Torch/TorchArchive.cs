using HqTrack.Media;

namespace HqTrack.Weights.Torch;

/// <summary>
/// A checkpoint written by torch.save, in either container. Opening reads everything but the elements; all that the file says is checked before
/// any of it is used, and nothing in it is executed. No torch here.
/// </summary>
internal sealed class TorchArchive : IDisposable
{
    private const int MostExpansion = 4;
    private const long SmallExpansion = 8L << 20;

    private readonly Stream stream;
    private readonly Dictionary<string, TensorReference> tensors;

    private TorchArchive(Stream stream, string name)
    {
        this.stream = stream;
        Name = name;
        IsZip = Starts(stream, "PK\x03\x04"u8);
        Root = IsZip ? TorchZip.Read(stream, name) : TorchLegacy.Read(stream, name);
        (Part, var found) = StateDictFinder.Find(Root, name);
        tensors = found.ToDictionary(StringComparer.Ordinal);
        Names = [.. found.Select(entry => entry.Key)];
        CheckExpansion();
    }

    /// <summary>Name for messages.</summary>
    public string Name { get; }

    /// <summary>Whether the container is the zip file of torch 1.6 and later.</summary>
    public bool IsZip { get; }

    /// <summary>Everything that was pickled.</summary>
    public object? Root { get; }

    /// <summary>Where the state dict stands inside it, such as "state_dict"; empty where the file is nothing else.</summary>
    public string Part { get; }

    /// <summary>Names of the state dict in its order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Opens a seekable stream; it is disposed with the archive.</summary>
    /// <exception cref="CheckpointFormatException">Damaged, of another kind, or asking for more than weights need.</exception>
    public static TorchArchive Open(Stream stream, string name)
    {
        try
        {
            return new TorchArchive(stream, name);
        }
        catch (IOException e)
        {
            stream.Dispose();
            throw TorchFormat.Bad(name, $"a file that cannot be read to its end ({e.Message.ReplaceLineEndings(" ")})", e);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether a stream begins like either container.</summary>
    public static bool Recognises(Stream stream) => Starts(stream, "PK\x03\x04"u8) || Starts(stream, [0x80]);

    /// <summary>A tensor of the state dict.</summary>
    public TensorReference Find(string tensor) => tensors.TryGetValue(tensor, out var found)
        ? found
        : throw new CheckpointFormatException($"{Name} has no tensor '{tensor}'; it holds {tensors.Count} others.");

    /// <summary>Reads part of a storage's bytes.</summary>
    public void Read(TorchStorage storage, long offset, Span<byte> target)
    {
        lock (stream)
        {
            stream.Position = storage.Position + offset;
            stream.ReadExactly(target);
        }
    }

    /// <summary>Checks a storage that was read, where the container has checksums.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="crc">Running value of <see cref="Crc32"/> over all its bytes.</param>
    public void Check(TorchStorage storage, uint crc)
    {
        if (storage.Checksum is { } expected and not 0 && ~crc != expected) // 0: saved without
        {
            throw TorchFormat.Bad(Name, $"storage {TorchFormat.Quote(storage.Key)} with a checksum that is not the archive's: it is damaged");
        }
    }

    public void Dispose() => stream.Dispose();

    // A view can repeat its elements without end (stride 0).
    private void CheckExpansion()
    {
        var limit = Math.Max(MostExpansion * stream.Length, SmallExpansion);
        Int128 total = 0;
        foreach (var (name, tensor) in tensors)
        {
            total += tensor.Bytes;
            if (total > limit)
            {
                throw TorchFormat.Bad(Name, $"tensors of more than {limit} bytes, {TorchFormat.Quote(name)} among them, in a file of {stream.Length}");
            }
        }
    }

    private static bool Starts(Stream stream, ReadOnlySpan<byte> magic)
    {
        Span<byte> start = stackalloc byte[magic.Length];
        stream.Position = 0;
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(magic);
    }
}
