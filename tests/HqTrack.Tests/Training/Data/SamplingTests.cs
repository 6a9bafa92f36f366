using HqTrack.Media;
using HqTrack.Training.Data;

namespace HqTrack.Tests.Training.Data;

public sealed class SamplingTests
{
    private const int Size = 81;
    private static readonly byte[] Identity = [.. Enumerable.Range(0, 256).Select(id => (byte)id)];

    [Fact]
    public void An_unmoved_view_copies_the_picture()
    {
        var picture = Red(Size, Size);
        var (canvas, labels) = Canvas();
        Sampling.Fill(picture, new View(Homography.Translation(0, 0)), Identity, canvas, labels);
        Assert.Equal(picture.Image.Rgb, canvas.Rgb);
        Assert.Equal(picture.Labels.Ids, labels.Ids);
    }

    [Fact]
    public void Image_and_mask_move_as_one()
    {
        var picture = Red(120, 100);
        for (var seed = 0UL; seed < 40; seed++)
        {
            var rng = new Rng(seed);
            var placement = new Placement(60, 50, 40, 40, rng.LogRange(0.5f, 2f), rng.Chance(0.5f), rng.LogRange(0.8f, 1.2f));
            var poses = Motion.Object.Walk(ref rng, 4);
            var view = CutOutMaker.Views(ref rng, placement, poses, Size, 4)[3];
            var (canvas, labels) = Canvas();
            Sampling.Fill(picture, view, Identity, canvas, labels);
            AssertRedIsLabelled(canvas, labels);
        }
    }

    [Fact]
    public void A_pasted_object_has_its_id_where_it_covers_half_a_pixel_and_a_soft_edge()
    {
        var picture = Red(120, 100);
        for (var seed = 0UL; seed < 40; seed++)
        {
            var rng = new Rng(seed);
            var placement = new Placement(60, 50, 40, 40, rng.LogRange(0.5f, 1.5f), false);
            var view = placement.View(Motion.Object.Walk(ref rng, 2)[1], Size);
            var (canvas, labels) = Canvas();
            Sampling.Paste(picture, view, picture.Objects[0], 7, canvas, labels);
            Assert.Equal([7], labels.ObjectIds());
            AssertRedIsLabelled(canvas, labels);
        }
    }

    [Fact]
    public void A_picture_goes_on_mirrored_beyond_its_edge()
    {
        var picture = Red(40, 40);
        var (canvas, labels) = Canvas();
        Sampling.Fill(picture, new View(Homography.Translation(-20, 0)), Identity, canvas, labels);
        for (var x = 0; x < 20; x++)
        {
            Assert.Equal(canvas.Rgb[((5 * Size) + 20 + x) * 3], canvas.Rgb[((5 * Size) + 20 - x) * 3]);
            Assert.Equal(labels[20 + x, 20], labels[20 - x, 20]);
        }
    }

    [Fact]
    public void A_homography_times_its_inverse_is_nothing()
    {
        var map = Homography.Translation(3, -2) * Homography.Tilt(0.01, -0.004) * Homography.Linear(1.2, 0.3, -0.4, 0.8);
        var (x, y) = map.Map(17, 5);
        var (backX, backY) = map.Inverse().Map(x, y);
        Assert.Equal(17, backX, 1e-9);
        Assert.Equal(5, backY, 1e-9);
    }

    [Fact]
    public void Grey_colours_keep_the_luma_and_no_change_changes_nothing()
    {
        byte[] rgb = [200, 40, 90, 0, 255, 17];
        var same = (byte[])rgb.Clone();
        new ColorMatrix(1, 1, 1, 0, 100).Apply(same);
        Assert.Equal(rgb, same);
        new ColorMatrix(1, 1, 0, 0, 100).Apply(rgb);
        Assert.Equal([94, 94, 94, 152, 152, 152], rgb);
    }

    [Fact]
    public void Smoothing_spreads_a_point_and_keeps_what_is_even()
    {
        var rgb = new byte[5 * 5 * 3];
        Array.Fill(rgb, (byte)80);
        var even = (byte[])rgb.Clone();
        Smoothing.Apply(even, 5, 5);
        Assert.Equal(rgb, even);
        rgb[((2 * 5) + 2) * 3] = 240;
        Smoothing.Apply(rgb, 5, 5);
        Assert.Equal([90, 100, 90], new[] { (1, 1), (2, 1), (3, 1) }.Select(at => (int)rgb[((at.Item2 * 5) + at.Item1) * 3]));
        Assert.Equal(120, rgb[((2 * 5) + 2) * 3]);
        Assert.Equal(80, rgb[(((2 * 5) + 2) * 3) + 1]);
    }

    private static Picture Red(int width, int height)
    {
        var (image, labels) = SmallDataFolder.Draw(width, height, [(1, width / 4, height / 4, width / 2, height / 2)]);
        return new Picture(image, labels);
    }

    private static (Frame Image, LabelMap Labels) Canvas() => (new Frame(new byte[Size * Size * 3], Size, Size), new LabelMap(Size, Size));

    // Red runs from 0 to 255 over one pixel of the picture at the object's edge; the id changes where it passes the middle. Nearest
    // neighbours of bilinear samples agree with that except where a corner cuts, hence not exactly 128.
    private static void AssertRedIsLabelled(Frame canvas, LabelMap labels)
    {
        for (var i = 0; i < labels.Ids.Length; i++)
        {
            var red = canvas.Rgb[i * 3];
            Assert.False(labels.Ids[i] == 0 ? red > 192 : red < 60, $"pixel {i} has red {red} and id {labels.Ids[i]}");
        }
    }
}
