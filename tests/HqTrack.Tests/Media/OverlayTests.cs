using HqTrack.Media;

namespace HqTrack.Tests.Media;

public sealed class OverlayTests
{
    [Fact]
    public void FillsInsideAndLeavesTheRestAlone()
    {
        var frame = ImageFileTests.Gradient(60, 40);
        var before = (byte[])frame.Rgb.Clone();
        var drawn = Overlay.Draw(frame, Square(60, 40, 3));
        Assert.Equal(before, frame.Rgb);

        var outside = ((5 * 60) + 5) * 3;
        Assert.Equal(before[outside..(outside + 3)], drawn.Rgb[outside..(outside + 3)]);
        var inside = ((20 * 60) + 30) * 3;
        int[] colour = [191, 191, 0];
        for (var c = 0; c < 3; c++)
        {
            Assert.Equal((before[inside + c] * 0.6) + (colour[c] * 0.4), drawn.Rgb[inside + c], 2.0);
        }
    }

    [Fact]
    public void TheLineLiesOnBothSidesOfTheEdgeAndFades()
    {
        var grey = new byte[60 * 40 * 3];
        var drawn = Overlay.Draw(new Frame(grey, 60, 40), Square(60, 40, 1));
        var red = Enumerable.Range(0, 60).Select(x => (int)drawn.Rgb[((20 * 60) + x) * 3]).ToArray();

        // Edge between 19 and 20; the shade is (128 + 255) / 2.
        Assert.Equal(0, red[17]);
        Assert.InRange(red[18], 1, 100);
        Assert.InRange(red[19], 180, 191);
        Assert.InRange(red[20], 180, 191);
        Assert.Equal(191 * 0.4, red[22], 1.0);
    }

    [Fact]
    public void TouchingObjectsKeepTheirOwnLines()
    {
        var labels = new LabelMap([.. Enumerable.Range(0, 40 * 20).Select(i => (byte)(i % 40 < 20 ? 1 : 2))], 40, 20);
        var drawn = Overlay.Draw(new Frame(new byte[40 * 20 * 3], 40, 20), labels).Rgb;
        var (left, right) = (((10 * 40) + 19) * 3, ((10 * 40) + 20) * 3);
        Assert.True(drawn[left] > 170 && drawn[left + 1] == 0);
        Assert.True(drawn[right] == 0 && drawn[right + 1] > 170);
    }

    [Fact]
    public void EveryIdAndTheBordersOfTheImageAreDrawn()
    {
        var labels = new LabelMap([.. Enumerable.Range(0, 256).Select(i => (byte)i)], 16, 16);
        Assert.Equal(16, Overlay.Draw(new Frame(new byte[16 * 16 * 3], 16, 16), labels).Width);
        Assert.Equal(1, Overlay.Draw(new Frame(new byte[3], 1, 1), new LabelMap([9], 1, 1)).Width);
    }

    [Fact]
    public void AnotherSizeIsRefused()
    {
        var e = Assert.Throws<MediaException>(() => Overlay.Draw(new Frame(new byte[12], 2, 2, index: 6), new LabelMap(3, 2)));
        Assert.Equal("the masks of frame 6 are 3x2, expected 2x2 like the frame; give masks of the frame's size.", e.Message);
    }

    private static LabelMap Square(int width, int height, byte id)
    {
        var labels = new LabelMap(width, height);
        for (var y = 10; y < 30; y++)
        {
            labels.Ids.AsSpan((y * width) + 20, 20).Fill(id);
        }

        return labels;
    }
}
