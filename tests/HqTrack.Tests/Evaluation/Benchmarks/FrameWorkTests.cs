using HqTrack.Evaluation.Benchmarks;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;

namespace HqTrack.Tests.Evaluation.Benchmarks;

/// <summary>The list of convolutions and matrix products that bench frame holds a frame against.</summary>
[Collection("torch")]
public sealed class FrameWorkTests
{
    // The published graph at 481x849: propagation and head 220 GFLOP with one memory frame, 560 with six, and 80 of the encoder.
    [Theory]
    [InlineData(1, 300)]
    [InlineData(6, 640)]
    public void The_published_model_has_the_known_work(int memory, double gflop)
    {
        NativeRuntime.EnsureLoaded();
        using var network = new VmosNetwork(VmosConfig.HqTrack);
        using var leaks = new LeakCheck();
        var work = FrameWork.Of(network, 849, 481, memory);
        Assert.InRange(work.Sum(entry => entry.Value * entry.Key.Flops) / 1e9, 0.97 * gflop, 1.03 * gflop);
        Assert.Equal(8, work.Where(entry => entry.Key is AttentionProducts).Sum(entry => entry.Value)); // four modules, long-term and self
    }

    [Fact]
    public void Every_layer_of_the_residual_network_has_a_grid()
    {
        NativeRuntime.EnsureLoaded();
        using var network = new VmosNetwork(VmosConfig.VmosR50 with { Head = DecoderHead.Fpn });
        using var leaks = new LeakCheck();
        var work = FrameWork.Of(network, 97, 81, 1);
        Assert.Contains(work.Keys, operation => operation is Convolution { Kernel: 7, In: 3, Height: 81, Width: 97 });
        Assert.Contains(work.Keys, operation => operation is Convolution { Kernel: 3, In: 256, Out: 256, Stride: 2, Height: 11, Width: 13 });
    }

    [Fact]
    public void Every_layer_of_the_small_residual_network_has_a_grid()
    {
        NativeRuntime.EnsureLoaded();
        using var network = new VmosNetwork(VmosConfig.AblationResidualMs);
        using var leaks = new LeakCheck();
        var work = FrameWork.Of(network, 97, 81, 1);
        Assert.Equal(5, work[new Convolution(6, 7, 128, 128, 3, 1, 1)]); // four blocks and the decoder's
    }

    [Fact]
    public void Operations_are_timed()
    {
        NativeRuntime.EnsureLoaded();
        using var leaks = new LeakCheck();
        DenseOperation[] operations = [new Convolution(9, 11, 8, 4, 3, 1, 1), new MatrixProduct(30, 8, 16), new AttentionProducts(1100, 2100, 4, 8)];
        Assert.All(operations, operation => Assert.True(operation.Measure(runs: 3) > 0));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public void A_frame_is_measured_with_its_stages()
    {
        NativeRuntime.EnsureLoaded();
        using var network = new VmosNetwork(VmosConfig.HqTrack);
        using var leaks = new LeakCheck(network.parameters().Count());
        var options = new FrameBenchmarkOptions { Model = "hqtrack", Width = 480, Height = 480, Memory = 2, Repeat = 1, Threads = 1 };
        var result = FrameBenchmark.Run(options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((481, 481), (result.Width, result.Height));
        Assert.True(result.FrameMs > 0 && result.FloorMs > 0 && result.PeakMemoryMb > 100);
        Assert.All(["encoder", "propagation", "decoder", "merge", "remember"], stage => Assert.True(result.Stages[stage] > 0, stage));
    }
}
