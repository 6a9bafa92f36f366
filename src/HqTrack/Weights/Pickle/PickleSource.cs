using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using HqTrack.Weights.Torch;

namespace HqTrack.Weights.Pickle;

/// <summary>A stretch of a file, read forwards through a small buffer. A length is checked against what is left before anything is allocated.</summary>
internal sealed class PickleSource(Stream stream, string file, long start, long end, PickleBudget budget)
{
    private const int LongestName = 4096;
    private const int LongestInteger = 1024; // bytes, and decimal digits: parsing long ones takes quadratic time

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] buffer = new byte[16384];
    private long next = start; // where the buffer is filled from
    private int length;
    private int used;

    /// <summary>Where the next byte stands in the file.</summary>
    public long Position => next - length + used;

    private long Left => end - Position;

    public CheckpointFormatException Bad(string found, Exception? inner = null) => TorchFormat.Bad(file, $"{found} at byte {Position}", inner);

    public byte ReadByte()
    {
        if (used == length)
        {
            Fill();
        }

        return buffer[used++];
    }

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Read(stackalloc byte[2]));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Read(stackalloc byte[4]));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Read(stackalloc byte[4]));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Read(stackalloc byte[8]));

    public double ReadBigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Read(stackalloc byte[8]));

    /// <summary>A two's complement integer of up to 1024 bytes: long where it fits, else BigInteger.</summary>
    public object ReadInteger(long bytes)
    {
        if (bytes is < 0 or > LongestInteger)
        {
            throw Bad($"an integer of {bytes} bytes");
        }

        return Narrow(new BigInteger(Read(new byte[bytes])));
    }

    public byte[] ReadBytes(ulong count)
    {
        Reserve(count, count);
        return ReadWhole((long)count);
    }

    public string ReadUtf8(ulong count)
    {
        Reserve(count, 3 * count);
        try
        {
            return Utf8.GetString(ReadWhole((long)count));
        }
        catch (DecoderFallbackException e)
        {
            throw Bad("text that is not UTF-8", e);
        }
    }

    /// <summary>A str of Python 2: bytes taken as Latin-1.</summary>
    public string ReadLatin1(ulong count)
    {
        Reserve(count, 3 * count);
        return Encoding.Latin1.GetString(ReadWhole((long)count));
    }

    /// <summary>A line of the text protocols without its end.</summary>
    public string ReadLine(int longest = LongestName)
    {
        var line = new StringBuilder();
        for (var b = ReadByte(); b != '\n'; b = ReadByte())
        {
            if (line.Length == longest)
            {
                throw Bad("a name without an end");
            }

            budget.Charge(4); // the text twice: here and as a string
            line.Append((char)b);
        }

        return line.ToString();
    }

    /// <summary>The decimal integer of a line.</summary>
    public object ParseInteger(string digits) => digits.Length <= LongestInteger && BigInteger.TryParse(digits, out var value)
        ? Narrow(value)
        : throw Bad($"{TorchFormat.Quote(digits)} in place of an integer");

    private static object Narrow(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value; // the cast: else both sides become BigInteger

    private void Reserve(ulong count, ulong cost)
    {
        if (count > (ulong)Left || count > int.MaxValue / 4)
        {
            throw Bad($"a value of {count} bytes where {Left} are left");
        }

        budget.Charge((long)cost + 32);
    }

    private byte[] ReadWhole(long count)
    {
        var bytes = new byte[count];
        Read(bytes);
        return bytes;
    }

    private Span<byte> Read(Span<byte> target)
    {
        for (var done = 0; done < target.Length;)
        {
            if (used == length)
            {
                Fill();
            }

            var count = Math.Min(length - used, target.Length - done);
            buffer.AsSpan(used, count).CopyTo(target[done..]);
            used += count;
            done += count;
        }

        return target;
    }

    private void Fill()
    {
        var count = (int)Math.Min(end - next, buffer.Length);
        if (count <= 0)
        {
            throw Bad("the end of the data in the middle of a value: it is cut short or damaged");
        }

        stream.Position = next;
        stream.ReadExactly(buffer, 0, count);
        next += count;
        length = count;
        used = 0;
    }
}
