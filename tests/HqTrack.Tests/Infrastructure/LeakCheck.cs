using TorchSharp;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Fails a torch test that leaves tensors alive: wrap the whole test in <c>using var leaks = new LeakCheck();</c>.</summary>
internal sealed class LeakCheck : IDisposable
{
    private readonly long before;
    private readonly bool buildsNetworks;

    /// <summary>
    /// Construct networks before the check: TorchSharp's own layers leave the emptied tensor of every parameter to the finalizer,
    /// which is run here so that it does not disturb the count later.
    /// </summary>
    /// <param name="buildsNetworks">The code under test builds networks itself: what waits for its finalizer is no leak then.</param>
    public LeakCheck(bool buildsNetworks = false)
    {
        this.buildsNetworks = buildsNetworks;
        Collect();
        before = Live();
    }

    private static long Live() => torch.Tensor.TotalCount;

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    public void Dispose()
    {
        if (buildsNetworks)
        {
            Collect();
        }

        // A tensor that only waits for its finalizer counts as leaked: native memory does not wait for the collector.
        var after = Live();
        if (after != before && !Environment.HasShutdownStarted)
        {
            Assert.Fail($"{after - before} tensors are still alive after the test (before {before}, after {after}).");
        }
    }
}
