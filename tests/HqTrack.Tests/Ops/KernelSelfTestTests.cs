using HqTrack.Ops;
using HqTrack.Ops.Simd;
using HqTrack.Tests.Infrastructure;

namespace HqTrack.Tests.Ops;

[Collection("torch")]
public sealed class KernelSelfTestTests
{
    [Fact]
    public void Passes_on_this_processor_and_says_what_it_compared()
    {
        using var leaks = new LeakCheck();
        var result = KernelSelfTest.Run();
        Assert.True(result.Passed, string.Join(", ", result.Kernels));
        Assert.Equal(VectorWidths.Best, result.Width);
        Assert.NotEmpty(result.Kernels);
        if (result.Width != VectorWidth.Scalar)
        {
            Assert.All(result.Kernels, kernel => Assert.InRange(kernel.Error, double.Epsilon, KernelSelfTest.Tolerance)); // another order of sums differs a little
        }
    }

    [Fact]
    public void A_kernel_that_differs_or_is_not_a_number_fails()
    {
        Assert.False(new KernelSelfTest.Result(VectorWidth.Bits256, [new("a", 1e-6), new("b", 0.1)]).Passed);
        Assert.False(new KernelSelfTest.Result(VectorWidth.Bits256, [new("a", double.NaN)]).Passed);
    }
}
