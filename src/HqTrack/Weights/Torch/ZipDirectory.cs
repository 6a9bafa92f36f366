using System.Buffers.Binary;
using System.Text;

namespace HqTrack.Weights.Torch;

/// <summary>An entry of a zip file that is stored as it is.</summary>
/// <param name="Name">Path inside the archive.</param>
/// <param name="Position">Where its bytes begin in the file.</param>
/// <param name="Length">Number of its bytes.</param>
/// <param name="Checksum">CRC-32 of the bytes.</param>
internal sealed record ZipEntry(string Name, long Position, long Length, uint Checksum);

/// <summary>
/// The entries of a zip file (PKWARE APPNOTE 6.3, with zip64), read from its central directory: torch leaves sizes and checksums out of the
/// local headers. Compressed, encrypted and overlapping entries are refused: torch writes none.
/// </summary>
internal sealed class ZipDirectory
{
    private const int EndSize = 22;
    private const int End64LocatorSize = 20;
    private const int End64Size = 56;
    private const int LongestComment = ushort.MaxValue;
    private const int EntrySize = 46;
    private const int LocalSize = 30;

    private readonly Stream stream;
    private readonly string file;
    private readonly Dictionary<string, ZipEntry> entries = new(StringComparer.Ordinal);

    /// <summary>Reads the directory.</summary>
    /// <exception cref="CheckpointFormatException">Damaged, cut short or compressed.</exception>
    public ZipDirectory(Stream stream, string file)
    {
        this.stream = stream;
        this.file = file;
        var (position, length, count) = FindDirectory();
        var directory = Read(position, (int)length);
        var at = 0;
        for (long i = 0; i < count; i++)
        {
            at += ReadEntry(directory.AsSpan(at), position);
        }

        CheckOverlaps();
    }

    public IReadOnlyCollection<ZipEntry> Entries => entries.Values;

    public ZipEntry? Find(string name) => entries.GetValueOrDefault(name);

    private (long Position, long Length, long Count) FindDirectory()
    {
        var tail = Read(Math.Max(0, stream.Length - EndSize - LongestComment), (int)Math.Min(stream.Length, EndSize + LongestComment));
        var end = tail.Length - EndSize;
        while (end >= 0 && !(UInt32(tail, end) == 0x06054b50 && end + EndSize + UInt16(tail, end + 20) == tail.Length))
        {
            end--;
        }

        if (end < 0)
        {
            throw Bad("a zip file without its directory: it is cut short or damaged");
        }

        long count = UInt16(tail, end + 10), length = UInt32(tail, end + 12), position = UInt32(tail, end + 16);
        var endPosition = stream.Length - tail.Length + end;
        if (endPosition >= End64LocatorSize && UInt32(Read(endPosition - End64LocatorSize, 4), 0) == 0x07064b50)
        {
            endPosition = (long)UInt64(Read(endPosition - End64LocatorSize, End64LocatorSize), 8);
            if (endPosition < 0 || endPosition > stream.Length - End64Size || Read(endPosition, End64Size) is var end64 && UInt32(end64, 0) != 0x06064b50)
            {
                throw Bad("a zip file whose end record is damaged");
            }

            (count, length, position) = ((long)UInt64(end64, 32), (long)UInt64(end64, 40), (long)UInt64(end64, 48));
        }

        if (position < 0 || length < 0 || position > endPosition || length > endPosition - position || length > int.MaxValue || count < 0 || count > length / EntrySize)
        {
            throw Bad($"a zip directory of {count} entries in {length} bytes at {position} of {stream.Length}");
        }

        return (position, length, count);
    }

    // Returns the entry's own length.
    private int ReadEntry(ReadOnlySpan<byte> entry, long directory)
    {
        if (entry.Length < EntrySize || UInt32(entry, 0) != 0x02014b50)
        {
            throw Bad("a zip directory with a damaged entry");
        }

        int flags = UInt16(entry, 8), method = UInt16(entry, 10), nameLength = UInt16(entry, 28), extraLength = UInt16(entry, 30);
        var total = EntrySize + nameLength + extraLength + UInt16(entry, 32);
        if (total > entry.Length)
        {
            throw Bad("a zip directory with an entry that is cut short");
        }

        var name = Encoding.UTF8.GetString(entry.Slice(EntrySize, nameLength));
        var sizes = new long[] { UInt32(entry, 24), UInt32(entry, 20), UInt32(entry, 42) }; // plain, packed, position of the local header
        ReadLongSizes(entry.Slice(EntrySize + nameLength, extraLength), sizes, name);
        if (method != 0 || (flags & 1) != 0 || sizes[0] != sizes[1])
        {
            throw Bad($"the entry {TorchFormat.Quote(name)} compressed or encrypted (method {method}), where torch stores entries as they are");
        }

        var position = FindData(sizes[2], entry.Slice(EntrySize, nameLength), directory, name);
        if (sizes[0] < 0 || sizes[0] > directory - position)
        {
            throw Bad($"the entry {TorchFormat.Quote(name)} of {sizes[0]} bytes where {directory - position} are left");
        }

        if (!entries.TryAdd(name, new(name, position, sizes[0], UInt32(entry, 16))))
        {
            throw Bad($"the entry {TorchFormat.Quote(name)} twice");
        }

        return total;
    }

    // Extra field 1 holds, in this order, those of the sizes that do not fit 32 bits.
    private void ReadLongSizes(ReadOnlySpan<byte> extra, Span<long> sizes, string name)
    {
        while (extra.Length >= 4)
        {
            int id = UInt16(extra, 0), length = UInt16(extra, 2);
            if (length > extra.Length - 4)
            {
                break;
            }

            var field = extra.Slice(4, length);
            for (var i = 0; id == 1 && i < sizes.Length; i++)
            {
                if (sizes[i] == uint.MaxValue)
                {
                    sizes[i] = field.Length >= 8 ? (long)UInt64(field, 0) : throw Bad($"the entry {TorchFormat.Quote(name)} without its long size");
                    field = field[8..];
                }
            }

            extra = extra[(4 + length)..];
        }
    }

    private long FindData(long header, ReadOnlySpan<byte> name, long directory, string quoted)
    {
        if (header < 0 || header > directory - LocalSize - name.Length)
        {
            throw Bad($"the entry {TorchFormat.Quote(quoted)} at {header}, outside the file's data");
        }

        var local = Read(header, LocalSize + name.Length);
        return UInt32(local, 0) == 0x04034b50 && UInt16(local, 26) == name.Length && local.AsSpan(LocalSize).SequenceEqual(name)
            ? header + local.Length + UInt16(local, 28)
            : throw Bad($"the entry {TorchFormat.Quote(quoted)} with another header at its place");
    }

    private void CheckOverlaps()
    {
        long reached = 0;
        foreach (var entry in entries.Values.OrderBy(entry => entry.Position).ThenBy(entry => entry.Length))
        {
            reached = entry.Position >= reached ? entry.Position + entry.Length : throw Bad($"the entry {TorchFormat.Quote(entry.Name)} overlapping another");
        }
    }

    private byte[] Read(long position, int length)
    {
        var bytes = new byte[length];
        stream.Position = position;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private CheckpointFormatException Bad(string found) => TorchFormat.Bad(file, found);

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
