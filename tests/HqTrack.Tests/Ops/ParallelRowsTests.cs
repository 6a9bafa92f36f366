using HqTrack.Ops;
using HqTrack.Runtime;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

[Collection("torch")]
public sealed class ParallelRowsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void Every_row_runs_once_and_no_memory_is_shared_by_two_threads(int rows)
    {
        NativeRuntime.EnsureLoaded();
        var seen = new int[rows];
        var sums = new List<(int Thread, int Sum)>();
        ParallelRows.For(
            rows,
            () => new Own { Thread = Environment.CurrentManagedThreadId },
            (row, own) =>
            {
                Assert.Equal(Environment.CurrentManagedThreadId, own.Thread);
                Interlocked.Increment(ref seen[row]);
                own.Sum++;
            },
            own =>
            {
                lock (sums)
                {
                    sums.Add((own.Thread, own.Sum));
                }
            });
        Assert.All(seen, count => Assert.Equal(1, count));
        Assert.Equal(rows, sums.Sum(entry => entry.Sum));
        Assert.Equal(sums.Count, sums.Select(entry => entry.Thread).Distinct().Count());
    }

    [Fact]
    public void Rows_run_on_the_threads_that_libtorch_computes_on()
    {
        NativeRuntime.EnsureLoaded();
        Assert.SkipUnless(OpenMpTeam.IsAvailable && get_num_threads() > 1, "no team of threads here");
        HashSet<int> first = Threads(), second = Threads();
        Assert.Equal(get_num_threads(), first.Count);
        Assert.Equal(first, second);
        Assert.Contains(Environment.CurrentManagedThreadId, first);
    }

    [Fact]
    public void An_exception_of_a_row_comes_back_and_the_next_call_works()
    {
        NativeRuntime.EnsureLoaded();
        for (var round = 0; round < 3; round++)
        {
            Assert.Throws<InvalidDataException>(() => ParallelRows.For(100, () => 0, (row, _) => throw new InvalidDataException($"row {row}")));
        }

        var count = 0;
        ParallelRows.For(100, () => 0, (_, _) => Interlocked.Increment(ref count));
        Assert.Equal(100, count);
    }

    // Those that come to a call; each waits until all are there.
    private static HashSet<int> Threads()
    {
        var threads = new HashSet<int>();
        using var all = new CountdownEvent(get_num_threads());
        ParallelRows.For(
            get_num_threads(),
            () => Environment.CurrentManagedThreadId,
            (_, thread) =>
            {
                lock (threads)
                {
                    threads.Add(thread);
                }

                all.Signal();
                Assert.True(all.Wait(TimeSpan.FromSeconds(30)));
            });
        return threads;
    }

    private sealed class Own
    {
        public int Thread { get; init; }

        public int Sum { get; set; }
    }
}
