using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HqTrack.Media;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>Tensors from and to safetensors files.</summary>
internal static class Safetensors
{
    private static readonly Dictionary<string, ScalarType> Types = new(StringComparer.Ordinal)
    {
        ["F64"] = ScalarType.Float64,
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    private static readonly JsonSerializerOptions HeaderOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The type that a file calls by one of its names: F32, I64 ...</summary>
    public static ScalarType TypeOf(string dtype) => Types[dtype];

    /// <summary>Every tensor of a file, on the CPU, in its stored type; the caller owns them.</summary>
    public static Dictionary<string, Tensor> Load(SafetensorsFile file) =>
        file.Names.ToDictionary(name => name, name => LoadTensor(file, name), StringComparer.Ordinal);

    /// <summary>One tensor, on the CPU, in its stored type.</summary>
    public static Tensor LoadTensor(SafetensorsFile file, string name)
    {
        var tensor = empty(file.Shape(name), dtype: Types[file.DType(name)]);
        if (tensor.numel() > 0)
        {
            file.ReadInto(name, tensor.bytes);
        }

        return tensor;
    }

    /// <summary>Writes a file whole or not at all, tensors in ordinal order of their names.</summary>
    /// <param name="path">Target; replaced when it exists.</param>
    /// <param name="tensors">Name and tensor, any device and strides.</param>
    /// <param name="metadata">The header's __metadata__, or null.</param>
    /// <param name="storage">Type in which floating-point tensors are stored (float16, bfloat16, ...); null keeps theirs.</param>
    public static void Save(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null, ScalarType? storage = null)
    {
        var ordered = tensors.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList();
        var header = new SortedDictionary<string, object>(StringComparer.Ordinal);
        if (metadata is { Count: > 0 })
        {
            header["__metadata__"] = metadata;
        }

        long offset = 0;
        foreach (var (name, tensor) in ordered)
        {
            var type = Stored(tensor, storage);
            var length = tensor.numel() * type.ElementSize();
            header[name] = new { dtype = Types.First(entry => entry.Value == type).Key, shape = tensor.shape, data_offsets = new[] { offset, offset + length } };
            offset += length;
        }

        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header, HeaderOptions));
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[8];
            var padded = (json.Length + 7) / 8 * 8; // data aligned to 8 bytes, as the format recommends
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)padded);
            stream.Write(prefix);
            stream.Write(json);
            stream.Write("        "u8[..(padded - json.Length)]);
            foreach (var (_, tensor) in ordered)
            {
                WriteTensor(stream, tensor, Stored(tensor, storage));
            }
        });
    }

    private static ScalarType Stored(Tensor tensor, ScalarType? storage) => storage is { } type && tensor.is_floating_point() ? type : tensor.dtype;

    private static void WriteTensor(Stream stream, Tensor tensor, ScalarType type)
    {
        if (tensor.numel() == 0)
        {
            return;
        }

        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var packed = tensor.detach().cpu().to(type).contiguous();
        stream.Write(TensorSpan.Of<byte>(packed));
    }
}
