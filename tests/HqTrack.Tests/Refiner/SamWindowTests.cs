using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;

namespace HqTrack.Tests.Refiner;

/// <summary>Windows through which objects are looked at: inside the frame, around the object, the same for boxes that differ by little.</summary>
public sealed class SamWindowTests
{
    [Fact]
    public void Lies_in_the_frame_and_holds_the_object()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            int width = random.Next(32, 2000), height = random.Next(32, 2000);
            int left = random.Next(width), top = random.Next(height);
            var box = new Corners(left, top, random.Next(left, width), random.Next(top, height));
            var window = SamWindow.Around(box, 1 + (3 * random.NextDouble()), width, height);
            Assert.True(window is { X: >= 0, Y: >= 0 } && window.X + window.Width <= width && window.Y + window.Height <= height, $"{window} in {width}x{height}");
            Assert.True(
                window.X <= box.Left && window.Y <= box.Top && box.Right < window.X + window.Width && box.Bottom < window.Y + window.Height, $"{window} around {box} in {width}x{height}");
        }
    }

    [Fact]
    public void Is_about_as_much_longer_than_the_object_as_it_should_be_and_not_slim()
    {
        var window = SamWindow.Around(new(900, 500, 1099, 519), 3, 1920, 1080);
        Assert.InRange(window.Width, 600, 600 * 1.2);
        Assert.InRange(window.Height, 360, 360 * 1.2);
        Assert.InRange(window.X + (window.Width / 2), 1000 - 50, 1000 + 50);
        Assert.InRange(window.Y + (window.Height / 2), 510 - 25, 510 + 25);
    }

    [Fact]
    public void A_small_object_keeps_its_surroundings_and_a_large_one_is_looked_at_in_the_whole_frame()
    {
        Assert.Equal((240, 240), (SamWindow.Around(new(900, 500, 904, 504), 3, 1920, 1080) is var small ? small.Width : 0, small.Height));
        Assert.Equal(SamWindow.Whole(640, 360), SamWindow.Around(new(100, 60, 400, 300), 3, 640, 360));
    }

    [Fact]
    public void Boxes_that_differ_by_little_share_their_window()
    {
        var windows = Enumerable.Range(0, 40).Select(i => SamWindow.Around(new(600 - (i % 3), 400, 700 + (i % 5), 480 + (i % 4)), 3, 1920, 1080)).Distinct().Count();
        Assert.InRange(windows, 1, 4);
    }

    [Fact]
    public void Cut_takes_the_windows_pixels_and_keeps_the_index()
    {
        var rgb = new byte[10 * 8 * 3];
        new Random(2).NextBytes(rgb);
        var frame = new Frame(rgb, 10, 8, 7);
        var part = new SamWindow(3, 2, 4, 5).Cut(frame);
        Assert.Equal((4, 5, 7), (part.Width, part.Height, part.Index));
        for (var i = 0; i < part.Rgb.Length; i++)
        {
            int pixel = i / 3, x = 3 + (pixel % 4), y = 2 + (pixel / 4);
            Assert.Equal(rgb[(((y * 10) + x) * 3) + (i % 3)], part.Rgb[i]);
        }

        Assert.Same(frame, SamWindow.Whole(10, 8).Cut(frame));
    }
}
