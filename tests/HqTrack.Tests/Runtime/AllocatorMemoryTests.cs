using System.Globalization;
using System.Runtime.InteropServices;
using HqTrack.Runtime;

namespace HqTrack.Tests.Runtime;

[Collection("torch")] // beside large tensors that come and go nothing could be measured
public sealed class AllocatorMemoryTests
{
    private const int Blocks = 4000;
    private const int Size = 60_000; // small enough to lie in an arena

    [Fact]
    public void Freed_memory_goes_back_to_the_system()
    {
        Assert.SkipUnless(File.Exists("/proc/self/status") && NativeLibrary.TryGetExport(NativeLibrary.Load("libc"), "malloc_trim", out _), "only glibc on Linux is asked to");
        var (before, after) = (0L, 0L);
        var thread = new Thread(() =>
        {
            var blocks = Enumerable.Range(0, Blocks).Select(_ => Filled()).ToList();
            blocks.SkipLast(1).ToList().ForEach(Marshal.FreeHGlobal); // above the last one nothing is free, so that the allocator keeps all below
            before = Resident();
            AllocatorMemory.Return();
            after = Resident();
            Marshal.FreeHGlobal(blocks[^1]);
        });
        thread.Start();
        thread.Join();
        Assert.True(before - after > Blocks * (long)Size / 2, $"{before >> 20} MB before, {after >> 20} MB after");
    }

    private static nint Filled()
    {
        var block = Marshal.AllocHGlobal(Size);
        Marshal.Copy(new byte[Size], 0, block, Size);
        return block;
    }

    private static long Resident()
    {
        var line = File.ReadLines("/proc/self/status").Single(entry => entry.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
