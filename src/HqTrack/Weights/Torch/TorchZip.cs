using System.Text;
using HqTrack.Media;
using HqTrack.Weights.Pickle;

namespace HqTrack.Weights.Torch;

/// <summary>The zip container of torch 1.6 and later: FOLDER/data.pkl, FOLDER/data/KEY for each storage, FOLDER/byteorder.</summary>
internal sealed class TorchZip
{
    private const string Pickle = "data.pkl";

    private readonly string file;
    private readonly ZipDirectory directory;
    private readonly string folder;
    private readonly Dictionary<string, TorchStorage> storages = new(StringComparer.Ordinal);

    private TorchZip(Stream stream, string file)
    {
        this.file = file;
        directory = new ZipDirectory(stream, file);
        var pickle = directory.Entries
            .Where(entry => entry.Name == Pickle || entry.Name.EndsWith($"/{Pickle}", StringComparison.Ordinal))
            .MinBy(entry => entry.Name.Length) ?? throw Bad($"a zip file of {directory.Entries.Count} entries without {Pickle}");
        folder = pickle.Name[..^Pickle.Length];
        if (directory.Find($"{folder}constants.pkl") is not null)
        {
            throw TorchFormat.Unsupported(file, "a TorchScript program");
        }

        if (directory.Find($"{folder}byteorder") is { Length: < 16 } order && Encoding.ASCII.GetString(Bytes(stream, order)).Trim() is var text and not "little")
        {
            throw TorchFormat.Unsupported(file, $"numbers in byte order {TorchFormat.Quote(text)}, where only little is known");
        }

        CheckPickle(stream, pickle);
        var budget = new PickleBudget(file, stream.Length);
        var source = new PickleSource(stream, file, pickle.Position, pickle.Position + pickle.Length, budget);
        Root = new PickleReader(source, budget, file, FindStorage).Read();
    }

    private object? Root { get; }

    /// <summary>The pickled object; its storages know their place.</summary>
    public static object? Read(Stream stream, string file) => new TorchZip(stream, file).Root;

    private object FindStorage(PickleTuple id)
    {
        if (id.Items is not ["storage", PickleGlobal { Kind: PickleGlobalKind.Storage } type, string key, _, long count, ..] || count < 0
            || !ElementType.OfStorage(type.Name["torch.".Length..], out var element))
        {
            throw Bad("a storage whose description is not as torch writes it");
        }

        if (!storages.TryGetValue(key, out var storage))
        {
            var entry = directory.Find($"{folder}data/{key}") ?? throw Bad($"a tensor of storage {TorchFormat.Quote(key)}, which the archive lacks");
            if (entry.Length != (Int128)count * element.Size)
            {
                throw Bad($"storage {TorchFormat.Quote(key)} of {entry.Length} bytes where its tensors ask for {count} elements of {element.Name}");
            }

            storage = new(key, element, count) { Position = entry.Position, Checksum = entry.Checksum };
            storages.Add(key, storage);
        }

        return storage.Type == element && storage.Count == count
            ? new StorageView(storage, 0, count)
            : throw Bad($"storage {TorchFormat.Quote(key)} as {count} elements of {element.Name} and as {storage.Count} of {storage.Type.Name}");
    }

    private void CheckPickle(Stream stream, ZipEntry pickle)
    {
        var buffer = new byte[Math.Min(pickle.Length, 65536)];
        var crc = Crc32.Start;
        stream.Position = pickle.Position;
        for (var left = pickle.Length; left > 0; left -= buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            stream.ReadExactly(part);
            crc = Crc32.Append(crc, part);
        }

        if (~crc != pickle.Checksum && pickle.Checksum != 0)
        {
            throw Bad($"{TorchFormat.Quote(pickle.Name)} with a checksum that is not the archive's: it is damaged");
        }
    }

    private static byte[] Bytes(Stream stream, ZipEntry entry)
    {
        var bytes = new byte[entry.Length];
        stream.Position = entry.Position;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private CheckpointFormatException Bad(string found) => TorchFormat.Bad(file, found);
}
