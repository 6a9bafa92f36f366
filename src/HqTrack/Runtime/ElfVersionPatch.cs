using System.Buffers.Binary;
using System.Text;

namespace HqTrack.Runtime;

/// <summary>
/// Marks one required symbol version of a little-endian ELF64 library as weak, so that the dynamic linker only warns when
/// the version is missing instead of refusing the library.
/// </summary>
/// <remarks>
/// libLibTorchSharp.so 0.107.0 needs GLIBCXX_3.4.32 for a single symbol, <c>std::ios_base_library_init</c>, a marker that is
/// never called. Layout: System V gABI and LSB "Symbol Versioning" (Elf64_Verneed, Elf64_Vernaux).
/// </remarks>
internal static class ElfVersionPatch
{
    private const uint SectionGnuVerneed = 0x6ffffffe;
    private const ushort WeakFlag = 2; // VER_FLG_WEAK

    /// <summary>Sets VER_FLG_WEAK on every entry for <paramref name="version"/>; returns how many entries were changed.</summary>
    /// <param name="image">The whole library file; changed in place.</param>
    /// <param name="version">Name of the symbol version, such as "GLIBCXX_3.4.32".</param>
    /// <exception cref="InvalidDataException">Not a little-endian ELF64 file, or its tables point outside it.</exception>
    public static int MarkWeak(Span<byte> image, string version)
    {
        if (image.Length < 64 || !image[..4].SequenceEqual("\u007fELF"u8) || image[4] != 2 || image[5] != 1)
        {
            throw new InvalidDataException("not a little-endian ELF64 library");
        }

        try
        {
            return MarkSections(image, Encoding.ASCII.GetBytes(version));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("ELF section tables point outside the file", e);
        }
    }

    private static int MarkSections(Span<byte> image, ReadOnlySpan<byte> version)
    {
        var sections = checked((int)ReadUInt64(image, 0x28));
        var entrySize = ReadUInt16(image, 0x3a);
        var count = ReadUInt16(image, 0x3c);
        var marked = 0;
        for (var i = 0; i < count; i++)
        {
            var header = image[(sections + (i * entrySize))..];
            if (ReadUInt32(header, 4) == SectionGnuVerneed)
            {
                var link = checked((int)ReadUInt32(header, 40)); // the string table that vna_name indexes
                var strings = checked((int)ReadUInt64(image, sections + (link * entrySize) + 24));
                marked += MarkNeeded(image, checked((int)ReadUInt64(header, 24)), strings, version);
            }
        }

        return marked;
    }

    private static int MarkNeeded(Span<byte> image, int needed, int strings, ReadOnlySpan<byte> version)
    {
        var marked = 0;
        while (true)
        {
            var auxiliaries = ReadUInt16(image, needed + 2);
            var auxiliary = needed + checked((int)ReadUInt32(image, needed + 8));
            for (var i = 0; i < auxiliaries; i++)
            {
                var name = image[(strings + checked((int)ReadUInt32(image, auxiliary + 8)))..];
                if (name[..name.IndexOf((byte)0)].SequenceEqual(version))
                {
                    var flags = image.Slice(auxiliary + 4, 2);
                    BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | WeakFlag));
                    marked++;
                }

                auxiliary += checked((int)ReadUInt32(image, auxiliary + 12));
            }

            var next = checked((int)ReadUInt32(image, needed + 12));
            if (next == 0)
            {
                return marked;
            }

            needed += next;
        }
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.Slice(offset, 2));

    private static uint ReadUInt32(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.Slice(offset, 4));

    private static ulong ReadUInt64(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(image.Slice(offset, 8));
}
