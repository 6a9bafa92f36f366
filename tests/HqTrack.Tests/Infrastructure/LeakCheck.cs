using TorchSharp;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Fails a torch test that leaves tensors alive: wrap the whole test in <c>using var leaks = new LeakCheck();</c>.</summary>
internal sealed class LeakCheck : IDisposable
{
    private readonly long before; // with the empty tensors to come
    private readonly bool collectsAfter;

    /// <summary>
    /// Construct networks before the check: a parameter takes over the native tensor of the managed one that it is made from, and
    /// TorchSharp's counter never forgets that empty one. Temporaries of initialisation are left to the finalizer, which is run here.
    /// </summary>
    /// <param name="parametersMade">How many parameters the code under test makes, where it builds a network itself.</param>
    public LeakCheck(int parametersMade = 0)
    {
        Collect();
        before = Live() + parametersMade;
        collectsAfter = parametersMade > 0;
    }

    private static long Live() => torch.Tensor.TotalCount;

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    public void Dispose()
    {
        if (collectsAfter)
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
