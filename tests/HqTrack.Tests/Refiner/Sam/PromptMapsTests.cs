using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>Drawn prompts: what is where, and that parts that are not given are empty.</summary>
[Collection("torch")]
public sealed class PromptMapsTests
{
    private const int Grid = 64, Image = 256; // cells of four pixels
    private const int Box = 0, DotInside = 1, DotOutside = 2, SpotInside = 3, SpotOutside = 4, Mask = 5;

    public PromptMapsTests() => NativeRuntime.EnsureLoaded();

    [Fact]
    public void A_box_fills_the_cells_between_its_corner_pixels()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var maps = Draw(new(null, null, tensor(new[] { 8f, 16f, 23f, 39f }).view(1, 4), null));
        Assert.Equal(1, maps[0, Box, 4, 2].item<float>()); // pixels 8..11, 16..19
        Assert.Equal(1, maps[0, Box, 9, 5].item<float>());
        Assert.Equal(0, maps[0, Box, 4, 1].item<float>());
        Assert.Equal(0, maps[0, Box, 3, 2].item<float>());
        Assert.Equal(0, maps[0, Box, 10, 5].item<float>());
        Assert.Equal(4 * 6, maps[0, Box].sum().item<float>(), 4f);
        Assert.Equal(0, maps[0].narrow(0, 1, 5).abs().max().item<float>());
    }

    [Fact]
    public void Clicks_are_highest_where_they_are_and_those_outside_have_maps_of_their_own()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var points = tensor(new[] { 13.5f, 29.5f, 45.5f, 9.5f, 13.5f, 29.5f, 0f, 0f }).view(2, 2, 2);
        var maps = Draw(new(points, tensor(new[] { 1f, 0f, 1f, -1f }).view(2, 2), null, null));
        Assert.Equal((7, 3), Peak(maps[0, DotInside]));
        Assert.Equal((2, 11), Peak(maps[0, DotOutside]));
        Assert.Equal((7, 3), Peak(maps[0, SpotInside]));
        Assert.Equal((2, 11), Peak(maps[0, SpotOutside]));
        Assert.Equal(1, maps[0, DotInside].max().item<float>(), 3);
        Assert.True(maps[0, SpotInside, 7, 7].item<float>() > 10 * maps[0, DotInside, 7, 7].item<float>());
        Assert.Equal(0, maps[1, DotOutside].max().item<float>()); // a point that is none
        Assert.Equal(0, maps[1, SpotOutside].max().item<float>());
        Assert.Equal(0, maps.select(1, Box).abs().max().item<float>() + maps.select(1, Mask).abs().max().item<float>());
    }

    [Fact]
    public void A_mask_keeps_its_sign_and_stays_between_minus_one_and_one()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var logits = linspace(-40, 40, Grid * Grid).view(1, 1, Grid, Grid);
        var maps = Draw(new(null, null, null, logits));
        Assert.True(maps[0, Mask].sign().eq(logits[0, 0].sign()).all().item<bool>());
        Assert.InRange(maps[0, Mask].abs().max().item<float>(), 0.99f, 1);
        Assert.Equal(0, maps[0].narrow(0, 0, 5).abs().max().item<float>());
    }

    private static Tensor Draw(SamPrompts prompts) => PromptMaps.Draw(prompts, (Grid, Grid), (Image, Image), CPU);

    private static (int Row, int Column) Peak(Tensor map)
    {
        var index = (int)map.argmax().item<long>();
        return (index / Grid, index % Grid);
    }
}
