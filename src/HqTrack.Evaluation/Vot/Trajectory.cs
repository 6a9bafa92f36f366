using System.Buffers.Binary;
using System.Text;
using HqTrack.Media;

namespace HqTrack.Evaluation.Vot;

/// <summary>Trajectory files of the VOT toolkit: a region a frame, as lines of text or in its binary format.</summary>
internal static class Trajectory
{
    private const short Version = 1;
    private const int LongestRun = 255 * 255;

    /// <summary>Reads a file of either kind; a binary one begins with its version.</summary>
    /// <exception cref="EvaluationException">The file is missing or damaged; the message names it and the line or region.</exception>
    public static IReadOnlyList<Region> Read(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"'{path}' cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        return file.Length >= 2 && BinaryPrimitives.ReadInt16LittleEndian(file) == Version ? ReadBinary(file, path) : ReadText(file, path);
    }

    /// <summary>Writes a file: binary where its name ends in ".bin", else text.</summary>
    /// <exception cref="MediaException">It cannot be written.</exception>
    /// <exception cref="ArgumentException">A region does not fit the binary format.</exception>
    public static void Write(string path, IReadOnlyList<Region> regions) =>
        AtomicFile.Write(path, path.EndsWith(".bin", StringComparison.Ordinal) ? ToBinary(regions) : Encoding.ASCII.GetBytes(string.Concat(regions.Select(region => RegionText.Format(region) + "\n"))));

    /// <summary>The binary form.</summary>
    public static byte[] ToBinary(IReadOnlyList<Region> regions)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write((uint)regions.Count);
        foreach (var region in regions)
        {
            switch (region)
            {
                case Region.Special special:
                    writer.Write((byte)0);
                    writer.Write(checked((uint)special.Code));
                    break;
                case Region.Rectangle box:
                    writer.Write((byte)1);
                    writer.Write(box.X);
                    writer.Write(box.Y);
                    writer.Write(box.Width);
                    writer.Write(box.Height);
                    break;
                case Region.Polygon polygon:
                    writer.Write((byte)2);
                    writer.Write(checked((ushort)(polygon.Points.Count / 2)));
                    foreach (var value in polygon.Points)
                    {
                        writer.Write(value);
                    }

                    break;
                case Region.Mask mask:
                    var runs = MaskRuns.Encode(mask.Pixels, LongestRun);
                    if (runs.Count > ushort.MaxValue || mask.Width > ushort.MaxValue || mask.Height > ushort.MaxValue)
                    {
                        throw new ArgumentException($"a mask of {mask.Width}x{mask.Height} with {runs.Count} runs does not fit the binary format, expected at most {ushort.MaxValue} of each; write text.", nameof(regions));
                    }

                    writer.Write((byte)3);
                    writer.Write(checked((short)mask.X));
                    writer.Write(checked((short)mask.Y));
                    writer.Write((ushort)mask.Width);
                    writer.Write((ushort)mask.Height);
                    writer.Write((ushort)runs.Count);
                    runs.ForEach(run => writer.Write((ushort)run));
                    break;
                case Region.Point point:
                    writer.Write((byte)4);
                    writer.Write((float)point.X);
                    writer.Write((float)point.Y);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(regions));
            }
        }

        writer.Flush();
        return stream.ToArray();
    }

    private static List<Region> ReadText(byte[] file, string path)
    {
        var regions = new List<Region>();
        using var reader = new StreamReader(new MemoryStream(file));
        while (reader.ReadLine() is { } line)
        {
            try
            {
                regions.Add(RegionText.Parse(line.Trim()) ?? throw new FormatException($"{line.Split(',').Length} numbers are no region, expected 1, 2, 4 or an even number from 6 on"));
            }
            catch (FormatException e)
            {
                throw new EvaluationException($"'{path}', line {regions.Count + 1}: {e.Message}; write the file again.", e);
            }
        }

        return regions;
    }

    private static List<Region> ReadBinary(byte[] file, string path)
    {
        using var reader = new BinaryReader(new MemoryStream(file));
        reader.ReadInt16();
        var regions = new List<Region>();
        try
        {
            for (var count = reader.ReadUInt32(); count > 0; count--)
            {
                regions.Add(ReadRegion(reader));
            }
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new EvaluationException($"'{path}', region {regions.Count + 1}: {(e is FormatException ? e.Message : "the file is cut short")}; write or copy the file again.", e);
        }

        return regions;
    }

    private static Region ReadRegion(BinaryReader reader)
    {
        switch (reader.ReadByte())
        {
            case 0:
                return new Region.Special((int)Math.Min(reader.ReadUInt32(), int.MaxValue));
            case 1:
                return new Region.Rectangle(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
            case 2:
                int points = reader.ReadUInt16();
                return points >= 3
                    ? new Region.Polygon([.. Enumerable.Range(0, 2 * points).Select(_ => reader.ReadSingle())])
                    : throw new FormatException($"a polygon has {points} points, expected at least 3");
            case 3:
                var (x, y, width, height) = (reader.ReadInt16(), reader.ReadInt16(), reader.ReadUInt16(), reader.ReadUInt16());
                var runs = new int[reader.ReadUInt16()];
                for (var i = 0; i < runs.Length; i++)
                {
                    runs[i] = reader.ReadUInt16();
                }

                return new Region.Mask(x, y, width, height, MaskRuns.Decode(runs, width, height));
            case 4:
                return new Region.Point(reader.ReadSingle(), reader.ReadSingle());
            case var kind:
                throw new FormatException($"region kind {kind} is not known, expected 0 to 4");
        }
    }
}
