using HqTrack.Media;

namespace HqTrack.Tests.Media;

public sealed class MaskFileTests
{
    [Fact]
    public void WritesAndReadsBack()
    {
        using var folder = new TempFolder();
        var labels = Disc(64, 48, 3);
        MaskFile.Write(folder["a/00000.png"], labels);
        Assert.Equal(labels.Ids, MaskFile.Read(folder["a/00000.png"], 64, 48).Ids);
        Assert.Single(Directory.GetFileSystemEntries(folder["a"]));
    }

    [Fact]
    public void BlackAndWhiteIsOneObject()
    {
        var png = Grey(Disc(20, 20, 255));
        var labels = MaskFile.Decode(png, "bw.png");
        Assert.Equal([1], labels.ObjectIds());
        Assert.Equal(Disc(20, 20, 1).Ids, labels.Ids);
    }

    [Fact]
    public void GreyValuesAreIds() => Assert.Equal([7], MaskFile.Decode(Grey(Disc(20, 20, 7)), "grey.png").ObjectIds());

    [Theory]
    [InlineData(2, 8, 3, "24-bit RGB PNG, and colours do not say which object a pixel belongs to")]
    [InlineData(6, 8, 4, "32-bit RGBA PNG, and colours do not say which object a pixel belongs to")]
    [InlineData(4, 8, 2, "8-bit greyscale with alpha PNG, and colours do not say which object a pixel belongs to")]
    [InlineData(0, 16, 1, "16-bit greyscale PNG, and object ids have 8 bits (1 to 255)")]
    public void OtherKindsOfPngAreRefused(byte colorType, byte depth, int channels, string reason)
    {
        var png = new TestPng { ColorType = colorType, Depth = depth, Samples = new int[channels] }.Encode();
        Refused(png, $"the mask 'm.png' is a {reason}; expected an indexed PNG: save it in palette mode (P), the index being the object id and 0 the background.");
    }

    [Fact]
    public void OtherFormatsAreRefused()
    {
        Refused(ImageFile.EncodeJpeg(new Frame(new byte[12], 2, 2)), "'m.png' is not a PNG (it is a JPEG, whose compression mixes ids), expected an indexed PNG whose index is the object id; save the mask as one.");
        Refused([], "'m.png' is not a PNG (the file is empty), expected an indexed PNG whose index is the object id; save the mask as one.");
    }

    [Fact]
    public void OtherSizesAreRefused() => Refused(
        IndexedPng.Encode(Disc(20, 10, 1)),
        "the mask 'm.png' is 20x10, expected 40x20 like the frames; scale it to that size with nearest-neighbour sampling (no interpolation).",
        40,
        20);

    [Fact]
    public void AMaskWithoutAnObjectIsRefusedUnlessAllowed()
    {
        var png = IndexedPng.Encode(new LabelMap(4, 4));
        Refused(png, "the mask 'm.png' holds no object: every pixel is 0, the background; expected at least one object drawn with an id from 1 to 255.");
        Assert.Empty(MaskFile.Decode(png, "m.png", allowEmpty: true).ObjectIds());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void InterpolatedMasksAreRefused(int factor)
    {
        var smooth = Enlarge(Disc(40, 30, 5), factor);
        Refused(
            IndexedPng.Encode(smooth),
            "the mask 'm.png' is interpolated or anti-aliased: 4 of its 5 values (1, 2, 3, 4) lie only on edges, between two others, and would become objects of their own; " +
            "expected one value per object: draw without anti-aliasing and scale with nearest-neighbour sampling.");
        var grey = Assert.Throws<MediaException>(() => MaskFile.Decode(Grey(Enlarge(Disc(40, 30, 255), factor)), "m.png"));
        Assert.StartsWith("the mask 'm.png' is interpolated or anti-aliased: ", grey.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThinObjectsAreNoInterpolation()
    {
        var labels = Disc(40, 30, 3);
        for (var x = 0; x < 40; x++)
        {
            labels.Ids[(15 * 40) + x] = 2;      // a rope across the disc and the background
        }

        Assert.Equal([2, 3], MaskFile.Decode(IndexedPng.Encode(labels), "m.png").ObjectIds());
    }

    [Fact]
    public void ASliverBetweenTwoObjectsIsNoInterpolation()
    {
        var labels = Disc(40, 30, 3);
        for (var y = 12; y < 18; y++)
        {
            labels.Ids[(y * 40) + 10] = 2;      // along the disc's left edge only
        }

        Assert.Equal([2, 3], MaskFile.Decode(IndexedPng.Encode(labels), "m.png").ObjectIds());
    }

    [Fact]
    public void All256ValuesAreRefusedAnd254ObjectsAreNot()
    {
        var blocks = Blocks(255);
        Refused(
            IndexedPng.Encode(blocks),
            "the mask 'm.png' (8-bit indexed) uses 256 different values, which looks like a picture; expected at most 254 objects and the background: " +
            "save object ids, or split the objects over several masks and runs.");
        Assert.Equal(254, MaskFile.Decode(IndexedPng.Encode(Blocks(254)), "m.png").ObjectIds().Count);
    }

    [Fact]
    public void APictureWithAPaletteIsRefused()
    {
        var random = new Random(1);
        var picture = new LabelMap([.. Enumerable.Range(0, 64 * 64).Select(_ => (byte)random.Next(0, 40))], 64, 64);
        var e = Assert.Throws<MediaException>(() => MaskFile.Decode(IndexedPng.Encode(picture), "m.png"));
        Assert.Contains("uses 40 different values, which looks like a picture", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        var e = Assert.Throws<MediaException>(() => MaskFile.Read("/nowhere/mask.png"));
        Assert.Equal("'/nowhere/mask.png' does not exist, expected an image file; check the path.", e.Message);
    }

    private static void Refused(byte[] png, string message, int? width = null, int? height = null)
    {
        var e = Assert.Throws<MediaException>(() => MaskFile.Decode(png, "m.png", width, height));
        Assert.Equal(message, e.Message);
    }

    private static byte[] Grey(LabelMap labels) =>
        new TestPng { Width = labels.Width, Height = labels.Height, ColorType = 0, Samples = [.. labels.Ids.Select(i => (int)i)] }.Encode();

    private static LabelMap Disc(int width, int height, byte id)
    {
        var labels = new LabelMap(width, height);
        for (var i = 0; i < labels.Ids.Length; i++)
        {
            var (dx, dy) = ((i % width) - (width / 2), (i / width) - (height / 2));
            labels.Ids[i] = (dx * dx) + (dy * dy) <= height * height / 9 ? id : (byte)0;
        }

        return labels;
    }

    // Ids 1..count as blocks of 8 x 8 in a shuffled order, over background.
    private static LabelMap Blocks(int count)
    {
        var order = Enumerable.Range(0, 256).Select(i => i <= count ? i : 0).ToArray();
        new Random(2).Shuffle(order);
        return new LabelMap([.. Enumerable.Range(0, 128 * 128).Select(i => (byte)order[((i / 128 / 8) * 16) + (i % 128 / 8)])], 128, 128);
    }

    // Bilinear, pixel centres at half: what an image editor's default does to a mask.
    private static LabelMap Enlarge(LabelMap labels, int factor)
    {
        var large = new LabelMap(labels.Width * factor, labels.Height * factor);
        for (var y = 0; y < large.Height; y++)
        {
            for (var x = 0; x < large.Width; x++)
            {
                var sx = Math.Clamp(((x + 0.5) / factor) - 0.5, 0, labels.Width - 1.001);
                var sy = Math.Clamp(((y + 0.5) / factor) - 0.5, 0, labels.Height - 1.001);
                var (x0, y0) = ((int)sx, (int)sy);
                var top = (labels[x0, y0] * (1 - sx + x0)) + (labels[x0 + 1, y0] * (sx - x0));
                var bottom = (labels[x0, y0 + 1] * (1 - sx + x0)) + (labels[x0 + 1, y0 + 1] * (sx - x0));
                large.Ids[(y * large.Width) + x] = (byte)Math.Round((top * (1 - sy + y0)) + (bottom * (sy - y0)));
            }
        }

        return large;
    }
}
