using FsCheck;
using FsCheck.Fluent;
using HqTrack.Media;
using SkiaSharp;

namespace HqTrack.Tests.Media;

public sealed class IndexedPngTests
{
    [Fact]
    public void EveryMapComesBackAsItWasWritten() => Check.QuickThrowOnFailure(Prop.ForAll(Maps(8).ToArbitrary(), map =>
    {
        var again = IndexedPng.Decode(IndexedPng.Encode(map), "map");
        return again.Width == map.Width && again.Height == map.Height && again.Ids.AsSpan().SequenceEqual(map.Ids);
    }));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void ReadsEveryDepthFilterAndSplit(byte depth)
    {
        var cases = from map in Maps(depth)
                    from filters in Gen.Choose(0, 4).Select(f => (byte)f).NonEmptyListOf()
                    from grey in Gen.Elements(false, true)
                    from chunks in Gen.Choose(1, 4)
                    select (map, png: new TestPng
                    {
                        Width = map.Width, Height = map.Height, Depth = depth, ColorType = (byte)(grey ? 0 : 3), Filters = [.. filters], Chunks = chunks,
                        Samples = [.. map.Ids.Select(id => (int)id)],
                    });

        Check.QuickThrowOnFailure(Prop.ForAll(cases.ToArbitrary(), c => IndexedPng.Decode(c.png.Encode(), "map").Ids.AsSpan().SequenceEqual(c.map.Ids)));
    }

    [Fact]
    public void OtherReadersSeeThePaletteColours()
    {
        var map = new LabelMap([0, 1, 2, 3, 200, 255], 3, 2);
        using var image = SKBitmap.Decode(IndexedPng.Encode(map));
        for (var i = 0; i < 6; i++)
        {
            var seen = image.GetPixel(i % 3, i / 3);
            Assert.Equal(Palette.Color(map.Ids[i]), (seen.Red, seen.Green, seen.Blue));
        }
    }

    [Fact]
    public void AnyDamagedByteOrMissingTailIsNoticed()
    {
        var png = IndexedPng.Encode(new LabelMap([.. Enumerable.Range(0, 30 * 20).Select(i => (byte)(i / 100))], 30, 20));
        for (var length = 0; length < png.Length; length += 7)
        {
            Assert.Throws<MediaException>(() => IndexedPng.Decode(png[..length], "cut"));
        }

        for (var i = 0; i < png.Length; i++)
        {
            var damaged = (byte[])png.Clone();
            damaged[i] ^= 0x10;
            Assert.Throws<MediaException>(() => IndexedPng.Decode(damaged, "damaged"));
        }
    }

    [Fact]
    public void InterlacedFilesAreRefused()
    {
        var png = new TestPng { Width = 2, Interlace = 1, Samples = [0, 1] }.Encode();
        var e = Assert.Throws<MediaException>(() => IndexedPng.Decode(png, "m.png"));
        Assert.Equal("'m.png' is an interlaced PNG, expected one without interlacing; save it again with interlacing (Adam7) off.", e.Message);
    }

    [Fact]
    public void UnknownFiltersAndSurplusRowsAreRefused()
    {
        var filter = Assert.Throws<MediaException>(() => IndexedPng.Decode(new TestPng { Filters = [5], Samples = [1] }.Encode(), "m.png"));
        Assert.Contains("row 0 has filter 5, expected 0 to 4", filter.Message, StringComparison.Ordinal);

        var rows = new TestPng { Height = 2, Samples = [1, 1] }.Encode();
        rows[23] = 1;       // the height in the header, and its checksum after it
        BitConverter.TryWriteBytes(rows.AsSpan(29), System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(Crc32.Compute(rows.AsSpan(12, 4), rows.AsSpan(16, 13))));
        var surplus = Assert.Throws<MediaException>(() => IndexedPng.Decode(rows, "m.png"));
        Assert.Contains("more pixels than 1x1", surplus.Message, StringComparison.Ordinal);
    }

    // Patches of ids rather than noise, with widths that leave bits of the last byte over.
    private static Gen<LabelMap> Maps(int depth) =>
        from width in Gen.Choose(1, 40)
        from height in Gen.Choose(1, 12)
        from ids in Gen.Choose(0, (1 << depth) - 1).ArrayOf(width * height)
        from patch in Gen.Choose(1, 5)
        select new LabelMap([.. Enumerable.Range(0, width * height).Select(i => (byte)ids[i / patch])], width, height);
}
