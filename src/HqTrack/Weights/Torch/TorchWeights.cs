using HqTrack.Media;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights.Torch;

/// <summary>A checkpoint of torch.save as weights: each storage is read once, its tensors are views of it; names come without wrappers such as "module.".</summary>
internal sealed class TorchWeights(TorchArchive archive) : WeightsFile
{
    private const long Chunk = 64 << 20; // a span is at most 2 GB

    private static readonly Dictionary<string, ScalarType> Types = new(StringComparer.Ordinal)
    {
        ["float64"] = ScalarType.Float64,
        ["float32"] = ScalarType.Float32,
        ["float16"] = ScalarType.Float16,
        ["bfloat16"] = ScalarType.BFloat16,
        ["int64"] = ScalarType.Int64,
        ["int32"] = ScalarType.Int32,
        ["int16"] = ScalarType.Int16,
        ["int8"] = ScalarType.Int8,
        ["uint8"] = ScalarType.Byte,
        ["bool"] = ScalarType.Bool,
    };

    private readonly string wrapper = KeyWrapper.Of(archive.Names);

    public override string Name => archive.Name;

    public override string Format => archive.IsZip ? "torch zip" : "torch legacy";

    public override string Part => archive.Part;

    public override IReadOnlyList<string> Names { get; } = Unwrap(archive.Names);

    public override TensorInfo Describe(string name)
    {
        var tensor = archive.Find(wrapper + name);
        return Types.TryGetValue(tensor.Type.Name, out var type)
            ? new(type.ToString(), type, [.. tensor.Shape])
            : new(tensor.Type.Name, null, [.. tensor.Shape]);
    }

    public override void Read(IReadOnlyCollection<string> names, Action<string, Tensor> use)
    {
        var groups = names.Select(name => (Name: name, Tensor: archive.Find(wrapper + name))).GroupBy(entry => (entry.Tensor.Storage, entry.Tensor.Type));
        foreach (var group in groups.OrderBy(group => group.Key.Storage.Position))
        {
            var type = Types.TryGetValue(group.Key.Type.Name, out var known) ? known : throw new CheckpointFormatException(
                $"{Name}: found tensor {TorchFormat.Quote(group.First().Name)} of type {group.Key.Type.Name}; expected real numbers, save the weights without it.");
            using var elements = ReadStorage(group.Key.Storage, type);
            foreach (var (name, tensor) in group)
            {
                using var scope = NewDisposeScope();
                use(name, elements.as_strided(tensor.Shape, tensor.Stride, tensor.Offset));
            }
        }
    }

    public override void Dispose() => archive.Dispose();

    private static IReadOnlyList<string> Unwrap(IReadOnlyList<string> names)
    {
        var length = KeyWrapper.Of(names).Length;
        return length == 0 ? names : [.. names.Select(name => name[length..])];
    }

    private Tensor ReadStorage(TorchStorage storage, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var count = storage.Bytes / type.ElementSize();
        var elements = empty(count, dtype: type);
        var crc = Crc32.Start;
        var step = Chunk / type.ElementSize();
        for (long at = 0; at < count; at += step)
        {
            using var part = elements.narrow(0, at, Math.Min(step, count - at));
            var bytes = part.bytes;
            archive.Read(storage, at * type.ElementSize(), bytes);
            crc = Crc32.Append(crc, bytes);
            if (type == ScalarType.Bool && bytes.ContainsAnyExceptInRange((byte)0, (byte)1))
            {
                throw TorchFormat.Bad(Name, $"storage {TorchFormat.Quote(storage.Key)} of truth values with others than 0 and 1");
            }
        }

        Span<byte> rest = stackalloc byte[(int)(storage.Bytes % type.ElementSize())]; // of an untyped storage
        archive.Read(storage, storage.Bytes - rest.Length, rest);
        archive.Check(storage, Crc32.Append(crc, rest));
        return elements.MoveToOuterDisposeScope();
    }
}
