using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using HqTrack.Runtime;
using HqTrack.Weights.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Writes checkpoints like torch.save, in both of its containers; one storage for each tensor.</summary>
internal static class TorchFileWriter
{
    public static readonly BigInteger Magic = BigInteger.Parse("1950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber);

    private static readonly Dictionary<ScalarType, string> Storages = new()
    {
        [ScalarType.Float64] = "DoubleStorage",
        [ScalarType.Float32] = "FloatStorage",
        [ScalarType.Float16] = "HalfStorage",
        [ScalarType.BFloat16] = "BFloat16Storage",
        [ScalarType.Int64] = "LongStorage",
        [ScalarType.Int32] = "IntStorage",
        [ScalarType.Bool] = "BoolStorage",
    };

    /// <summary>Writes a state dict.</summary>
    /// <param name="path">Target.</param>
    /// <param name="tensors">Contiguous CPU tensors by key.</param>
    /// <param name="legacy">The container before torch 1.6.</param>
    /// <param name="part">Puts the state dict below this key beside a step counter, as training scripts do.</param>
    public static void Save(string path, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, bool legacy = false, string? part = null)
    {
        var pickle = new PickleWriter();
        if (part is not null)
        {
            pickle.Op(PickleOp.EmptyDict).Op(PickleOp.Mark).Text("step").Int(3).Text(part);
        }

        pickle.Global("collections", "OrderedDict").Op(PickleOp.EmptyTuple).Op(PickleOp.Reduce).Op(PickleOp.Mark);
        for (var i = 0; i < tensors.Count; i++)
        {
            var (name, tensor) = tensors[i];
            pickle.Text(name).Tensor($"{i}", Storages[tensor.dtype], tensor.numel(), tensor.shape, tensor.stride(), legacy: legacy);
        }

        pickle.Op(PickleOp.SetItems);
        if (part is not null)
        {
            pickle.Op(PickleOp.SetItems);
        }

        using var file = File.Create(path);
        (legacy ? (Action<Stream, byte[], IReadOnlyList<KeyValuePair<string, Tensor>>>)WriteLegacy : WriteZip)(file, pickle.End(), tensors);
    }

    /// <summary>A zip container of any entries below a folder, stored, with right checksums.</summary>
    public static byte[] Zip(IEnumerable<(string Name, byte[] Data)> entries, string folder = "archive/", CompressionLevel level = CompressionLevel.NoCompression)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, data) in entries)
            {
                using var entry = zip.CreateEntry(folder + name, level).Open();
                entry.Write(data);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The three pickles that open the container before torch 1.6.</summary>
    public static byte[] LegacyStart(bool littleEndian = true) =>
    [
        .. new PickleWriter().Int(Magic).End(),
        .. new PickleWriter().Int(1001).End(),
        .. new PickleWriter().Op(PickleOp.EmptyDict).Text("little_endian").Op(littleEndian ? PickleOp.NewTrue : PickleOp.NewFalse).Op(PickleOp.SetItem).End(),
    ];

    private static void WriteZip(Stream file, byte[] pickle, IReadOnlyList<KeyValuePair<string, Tensor>> tensors)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        void Add(string name, ReadOnlySpan<byte> data)
        {
            using var entry = zip.CreateEntry($"weights/{name}", CompressionLevel.NoCompression).Open();
            entry.Write(data);
        }

        Add("data.pkl", pickle);
        Add("byteorder", "little"u8);
        for (var i = 0; i < tensors.Count; i++)
        {
            Add($"data/{i}", tensors[i].Value.numel() == 0 ? [] : TensorSpan.Of<byte>(tensors[i].Value));
        }

        Add("version", "3\n"u8);
    }

    private static void WriteLegacy(Stream file, byte[] pickle, IReadOnlyList<KeyValuePair<string, Tensor>> tensors)
    {
        file.Write(LegacyStart());
        file.Write(pickle);
        var keys = new PickleWriter().Op(PickleOp.EmptyList).Op(PickleOp.Mark);
        for (var i = 0; i < tensors.Count; i++)
        {
            keys.Text($"{i}");
        }

        file.Write(keys.Op(PickleOp.Appends).End());
        Span<byte> count = stackalloc byte[8];
        foreach (var (_, tensor) in tensors)
        {
            BinaryPrimitives.WriteInt64LittleEndian(count, tensor.numel());
            file.Write(count);
            file.Write(tensor.numel() == 0 ? [] : TensorSpan.Of<byte>(tensor));
        }
    }
}
