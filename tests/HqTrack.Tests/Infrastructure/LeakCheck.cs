using TorchSharp;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Fails a torch test that leaves tensors alive: wrap the whole test in <c>using var leaks = new LeakCheck();</c>.</summary>
internal sealed class LeakCheck : IDisposable
{
    private readonly long before;

    /// <summary>
    /// Construct networks before the check: TorchSharp's own layers leave temporaries of their initialisation to the finalizer,
    /// which is run here so that it does not disturb the count later.
    /// </summary>
    public LeakCheck()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        before = Live();
    }

    private static long Live() => torch.Tensor.TotalCount;

    public void Dispose()
    {
        // A tensor that only waits for its finalizer counts as leaked: native memory does not wait for the collector.
        var after = Live();
        if (after != before && !Environment.HasShutdownStarted)
        {
            Assert.Fail($"{after - before} tensors are still alive after the test (before {before}, after {after}).");
        }
    }
}
