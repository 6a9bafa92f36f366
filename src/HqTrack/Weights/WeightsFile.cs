using System.Buffers.Binary;
using System.Collections.ObjectModel;
using HqTrack.Weights.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>Type and shape of a stored tensor; the type is null where libtorch's binding has none for it.</summary>
internal sealed record TensorInfo(string TypeName, ScalarType? Type, long[] Shape)
{
    public override string ToString() => $"[{string.Join(", ", Shape)}] {TypeName}";
}

/// <summary>A file of named tensors, whatever its format: what it holds is known once it is open, the elements are read on demand.</summary>
internal abstract class WeightsFile : IDisposable
{
    /// <summary>Name for messages.</summary>
    public abstract string Name { get; }

    /// <summary>"safetensors", "torch zip" or "torch legacy".</summary>
    public abstract string Format { get; }

    /// <summary>Where in the file the tensors were found, such as "state_dict"; empty where it holds nothing else.</summary>
    public abstract string Part { get; }

    /// <summary>Names in the file's order.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>What a safetensors file says of itself.</summary>
    public virtual IReadOnlyDictionary<string, string> Metadata => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Type and shape of a tensor.</summary>
    public abstract TensorInfo Describe(string name);

    /// <summary>Reads tensors in the order they lie in the file, each block of the file once.</summary>
    /// <param name="names">Which.</param>
    /// <param name="use">Gets name and CPU tensor, which may be a strided view and is disposed after the call unless it is moved to the outer scope.</param>
    /// <exception cref="CheckpointFormatException">The elements are damaged or of a type that weights cannot have.</exception>
    public abstract void Read(IReadOnlyCollection<string> names, Action<string, Tensor> use);

    public abstract void Dispose();

    /// <summary>Every tensor; the caller owns them. Tensors that share memory in the file do so here.</summary>
    public Dictionary<string, Tensor> Load()
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        Read(Names, (name, tensor) => tensors.Add(name, tensor.MoveToOuterDisposeScope()));
        return tensors;
    }

    /// <summary>Opens a file of either format, told apart by their content.</summary>
    /// <exception cref="CheckpointFormatException">Damaged or neither.</exception>
    public static WeightsFile Open(string path)
    {
        Stream stream;
        try
        {
            stream = File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointFormatException($"{path} cannot be read ({e.Message.ReplaceLineEndings(" ")}); expected weights (.pth or .safetensors).", e);
        }

        return Open(stream, path);
    }

    /// <summary>Opens a seekable stream; it is disposed with the file.</summary>
    public static WeightsFile Open(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[16];
        stream.Position = 0;
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        var isSafetensors = LooksLikeSafetensors(start, stream.Length); // before the others: its first byte is a length's, which can be any
        if (!isSafetensors && TorchArchive.Recognises(stream))
        {
            return new TorchWeights(TorchArchive.Open(stream, name));
        }

        if (isSafetensors || name.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            return new SafetensorsWeights(SafetensorsFile.Open(stream, name));
        }

        var found = Guess(start, stream.Length);
        stream.Dispose();
        throw new CheckpointFormatException($"{name}: found {found}; expected weights (.pth of torch.save, or .safetensors), fetch the file again.");
    }

    private static bool LooksLikeSafetensors(ReadOnlySpan<byte> start, long length) =>
        start.Length > 8 && start[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) <= (ulong)length;

    private static string Guess(ReadOnlySpan<byte> start, long length) =>
        length == 0 ? "an empty file"
        : start.StartsWith("<"u8) ? "a web page, which some download links answer with"
        : start.StartsWith("version https://"u8) ? "a Git LFS pointer in place of the file itself"
        : start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) || start.StartsWith("BZh"u8) || start.StartsWith("7z"u8) || start.StartsWith("\xfd7zXZ"u8) ? "a compressed archive, unpack it"
        : start.StartsWith("GGUF"u8) || start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']) ? "weights of another program"
        : $"{length} bytes of no known format";
}
