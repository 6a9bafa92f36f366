using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Spreads a kernel's rows over as many threads as libtorch was told to use.</summary>
internal static unsafe class ParallelRows
{
    private const nuint Alignment = 64;

    /// <summary>One row of a kernel's work.</summary>
    /// <param name="index">Row, from 0.</param>
    /// <param name="scratch">The thread's own memory, aligned to 64 bytes, with what the last row left in it.</param>
    public delegate void Row(int index, void* scratch);

    /// <summary>Runs every row once, in any order; returns when all are done. Rows must not write to the same memory.</summary>
    public static void For(int rows, nuint scratchBytes, Row row)
    {
        var threads = Math.Min(get_num_threads(), rows);
        var next = -1;
        void Work()
        {
            var scratch = NativeMemory.AlignedAlloc(Math.Max(scratchBytes, Alignment), Alignment);
            try
            {
                for (var i = Interlocked.Increment(ref next); i < rows; i = Interlocked.Increment(ref next))
                {
                    row(i, scratch);
                }
            }
            finally
            {
                NativeMemory.AlignedFree(scratch);
            }
        }

        if (threads <= 1)
        {
            Work();
        }
        else
        {
            // Each worker takes rows until none is left, so a worker that the pool starts late, or never, costs nothing.
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Work());
        }
    }
}
