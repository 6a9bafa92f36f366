using System.Buffers.Binary;
using System.Numerics;
using HqTrack.Weights.Pickle;

namespace HqTrack.Weights.Torch;

/// <summary>
/// The container before torch 1.6: five pickles (magic number, protocol, system, object, storage keys), then for each key in that order the
/// element count as int64 and the elements.
/// </summary>
internal sealed class TorchLegacy
{
    private const long Protocol = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356"); // 0x1950a86a20f9469cfc6c

    private readonly string file;
    private readonly Dictionary<string, TorchStorage> storages = new(StringComparer.Ordinal);

    private TorchLegacy(Stream stream, string file)
    {
        this.file = file;
        var budget = new PickleBudget(file, stream.Length);
        var source = new PickleSource(stream, file, 0, stream.Length, budget);
        object? Next(bool withStorages = false) => new PickleReader(source, budget, file, withStorages ? FindStorage : null).Read();

        if (Next() is not BigInteger magic || magic != Magic)
        {
            throw Bad("a pickle that torch.save did not write");
        }

        if (Next() is var protocol && protocol is not Protocol)
        {
            throw Bad($"container protocol {protocol as long?}, where {Protocol} is known");
        }

        if (Next() is not PickleDict system || (system.TryGet("little_endian", out var little) && little is not true))
        {
            throw TorchFormat.Unsupported(file, "numbers in big-endian order, where only little-endian is known");
        }

        Root = Next(withStorages: true);
        var keys = Next() as PickleList ?? throw Bad("no list of storages");
        Place(stream, source.Position, keys);
    }

    private object? Root { get; }

    /// <summary>The pickled object; its storages know their place.</summary>
    public static object? Read(Stream stream, string file) => new TorchLegacy(stream, file).Root;

    private object FindStorage(PickleTuple id)
    {
        if (id.Items is ["module", PickleGlobal module, ..])
        {
            return module; // source text of a pickled class, which the allow-list has already let pass
        }

        if (id.Items is not ["storage", PickleGlobal { Kind: PickleGlobalKind.Storage } type, string key, _, long count, ..] || count < 0 || count > long.MaxValue / 16
            || !ElementType.OfStorage(type.Name["torch.".Length..], out var element))
        {
            throw Bad("a storage whose description is not as torch writes it");
        }

        if (!storages.TryGetValue(key, out var storage))
        {
            storage = new(key, element, count);
            storages.Add(key, storage);
        }

        if (storage.Type != element || storage.Count != count)
        {
            throw Bad($"storage {TorchFormat.Quote(key)} as {count} elements of {element.Name} and as {storage.Count} of {storage.Type.Name}");
        }

        return id.Items switch
        {
            [_, _, _, _, _] or [_, _, _, _, _, null] => new StorageView(storage, 0, count),
            [_, _, _, _, _, PickleTuple { Items: [_, long start, long length] }] when start >= 0 && length >= 0 && start <= count - length => new StorageView(storage, start, length),
            _ => throw Bad($"a view beyond storage {TorchFormat.Quote(key)}"),
        };
    }

    private void Place(Stream stream, long position, PickleList keys)
    {
        Span<byte> prefix = stackalloc byte[8];
        foreach (var item in keys.Items)
        {
            if (item is not string key || !storages.TryGetValue(key, out var storage) || storage.Position >= 0)
            {
                throw Bad("a list of storages that is not the tensors'");
            }

            var left = stream.Length - position - prefix.Length;
            if (left < 0)
            {
                throw Bad($"the end of the file before storage {TorchFormat.Quote(key)}: it is cut short");
            }

            stream.Position = position;
            stream.ReadExactly(prefix);
            var count = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (count != storage.Count || storage.Bytes > left)
            {
                throw Bad($"storage {TorchFormat.Quote(key)} of {count} elements with {left} bytes left, where its tensors ask for {storage.Count} of {storage.Type.Name}");
            }

            storage.Position = position + prefix.Length;
            position = storage.Position + storage.Bytes;
        }

        if (storages.Values.FirstOrDefault(storage => storage.Position < 0) is { } lost)
        {
            throw Bad($"a tensor of storage {TorchFormat.Quote(lost.Key)}, which the file lacks");
        }

        if (position != stream.Length)
        {
            throw Bad($"{stream.Length - position} bytes after the last storage");
        }
    }

    private CheckpointFormatException Bad(string found) => TorchFormat.Bad(file, found);
}
