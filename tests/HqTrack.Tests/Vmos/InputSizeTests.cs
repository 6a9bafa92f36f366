using HqTrack.Vmos;

namespace HqTrack.Tests.Vmos;

/// <summary>Sizes that networks see, beside those of the published preparation in <see cref="PreprocessGoldenTests"/>.</summary>
public sealed class InputSizeTests
{
    private const int Whole = InputSize.DefaultShortSide;

    [Theory]
    [InlineData(false, 1920, 1080, Whole, 849, 481)]
    [InlineData(false, 432, 240, Whole, 433, 241)]
    [InlineData(true, 1920, 1080, Whole, 849, 481)]
    [InlineData(true, 640, 360, Whole, 641, 353)]
    [InlineData(true, 432, 240, Whole, 641, 353)] // as many pixels as 640x360
    [InlineData(true, 160, 90, Whole, 321, 177)]  // twofold at most
    [InlineData(true, 160, 90, 90, 161, 97)]      // the short side asked for is the limit
    [InlineData(true, 2000, 20, Whole, 4001, 33)]
    public void A_frame_is_seen_at(bool enlarges, int width, int height, int shortSide, int seenWidth, int seenHeight) =>
        Assert.Equal((seenWidth, seenHeight), InputSize.For(enlarges ? ResizeRule.Enlarge : ResizeRule.Shrink, width, height, shortSide));
}
