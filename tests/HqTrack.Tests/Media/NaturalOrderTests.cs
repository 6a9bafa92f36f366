using HqTrack.Media;

namespace HqTrack.Tests.Media;

public sealed class NaturalOrderTests
{
    [Theory]
    [InlineData("1.jpg 2.jpg 10.jpg")]
    [InlineData("00000.jpg 00001.jpg 00010.jpg 00100.jpg")]
    [InlineData("a1b2 a1b10 a2b1")]
    [InlineData("frame_9.png frame_10.png frame_0011.png")]
    [InlineData("99999999999999999999.png 100000000000000000000.png")]
    [InlineData("a.png b.png B1.png b2.png")]
    [InlineData("1 1a 1b")]
    public void RunsOfDigitsAreNumbers(string ordered)
    {
        var expected = ordered.Split(' ');
        var sorted = expected.Reverse().ToArray();
        Array.Sort(sorted, NaturalOrder.Instance);
        Assert.Equal(expected, sorted);
    }

    [Fact]
    public void NamesThatCountTheSameKeepOneOrder()
    {
        Assert.NotEqual(0, NaturalOrder.Instance.Compare("01.png", "1.png"));
        Assert.Equal(-Math.Sign(NaturalOrder.Instance.Compare("01.png", "1.png")), Math.Sign(NaturalOrder.Instance.Compare("1.png", "01.png")));
        Assert.Equal(0, NaturalOrder.Instance.Compare("a7.png", "a7.png"));
    }
}
