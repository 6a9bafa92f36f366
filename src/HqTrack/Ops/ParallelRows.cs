using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using HqTrack.Runtime;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Spreads rows of work over as many threads as libtorch was told to use, and where there is an <see cref="OpenMpTeam"/> over its very threads.</summary>
internal static unsafe class ParallelRows
{
    private const nuint Alignment = 64;

    /// <summary>One row of a kernel's work.</summary>
    /// <param name="index">Row, from 0.</param>
    /// <param name="scratch">The thread's own memory, aligned to 64 bytes, with what the last row left in it.</param>
    public delegate void Row(int index, void* scratch);

    /// <summary>Runs every row once, in any order, without memory of a thread's own.</summary>
    public static void Each(int rows, Action<int> row) => For(rows, static () => 0, (i, _) => row(i));

    /// <summary>Runs every row once, in any order; returns when all are done. Rows must not write to the same memory.</summary>
    public static void For(int rows, nuint scratchBytes, Row row) => Share(rows, (first, remaining) =>
    {
        var scratch = NativeMemory.AlignedAlloc(Math.Max(scratchBytes, Alignment), Alignment);
        try
        {
            for (var i = first; i < rows; i = remaining.Take())
            {
                row(i, scratch);
            }
        }
        finally
        {
            NativeMemory.AlignedFree(scratch);
        }
    });

    /// <summary>The same with managed memory of each thread's own.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="enter">Makes a thread's memory.</param>
    /// <param name="row">One row.</param>
    /// <param name="leave">Takes a thread's memory when no row is left; on several threads at once.</param>
    public static void For<T>(int rows, Func<T> enter, Action<int, T> row, Action<T>? leave = null) => Share(rows, (first, remaining) =>
    {
        var own = enter();
        for (var i = first; i < rows; i = remaining.Take())
        {
            row(i, own);
        }

        leave?.Invoke(own);
    });

    // Each thread takes rows until none is left; one that finds none does nothing.
    private static void Share(int rows, Action<int, Remaining> work)
    {
        var remaining = new Remaining();
        void Member()
        {
            if (remaining.Take() is var first && first < rows)
            {
                work(first, remaining);
            }
        }

        var threads = get_num_threads();
        if (Math.Min(threads, rows) <= 1)
        {
            Member();
        }
        else if (OpenMpTeam.IsAvailable)
        {
            OpenMpTeam.Run(threads, Member); // all of them, whatever the rows: a team of another size would be started anew
        }
        else
        {
            try
            {
                Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Member());
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }
    }

    private sealed class Remaining
    {
        private int next = -1;

        public int Take() => Interlocked.Increment(ref next);
    }
}
