using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using HqTrack.Runtime;

namespace HqTrack.Tests.Runtime;

[Collection("torch")] // beside large tensors that come and go nothing could be measured
public sealed class AllocatorMemoryTests
{
    private const int Blocks = 4000;
    private const int Size = 60_000; // small enough to lie in an arena
    private const int LargeBlocks = 8;
    private const int LargeSize = 24 << 20; // left to itself glibc maps the first of them, and gives those that it does not map back when the top of an arena is free
    private static readonly TimeSpan MostWait = TimeSpan.FromMinutes(1); // other tests' work may have a return due in half a minute

    [Fact]
    public void Freed_memory_goes_back_to_the_system()
    {
        RequireGlibc();
        var (before, after) = (0L, 0L);
        var thread = new Thread(() =>
        {
            var blocks = Enumerable.Range(0, Blocks).Select(_ => Filled(Size)).ToList();
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

    [Fact]
    public void Large_blocks_wait_for_their_next_use_and_go_back_later()
    {
        RequireGlibc();
        NativeRuntime.EnsureLoaded();
        var (before, full, freed) = (0L, 0L, 0L);
        var thread = new Thread(() =>
        {
            before = Resident();
            var blocks = Enumerable.Range(0, LargeBlocks).Select(_ => Filled(LargeSize)).ToList();
            full = Resident();
            blocks.ForEach(Marshal.FreeHGlobal);
            freed = Resident();
        });
        thread.Start();
        thread.Join();
        Assert.True(full - before > LargeBlocks * (long)LargeSize / 2, $"{before >> 20} MB before, {full >> 20} MB with the blocks");
        Assert.True(full - freed < LargeSize, $"{full >> 20} MB with the blocks, {freed >> 20} MB when they were freed");
        AllocatorMemory.ReturnLater(TimeSpan.FromMilliseconds(1));
        var after = freed;
        for (var wait = Stopwatch.StartNew(); wait.Elapsed < MostWait && freed - after < (full - before) / 2; Thread.Sleep(100))
        {
            after = Resident();
        }

        Assert.True(freed - after >= (full - before) / 2, $"{freed >> 20} MB when they were freed, {after >> 20} MB later");
    }

    private static void RequireGlibc() =>
        Assert.SkipUnless(File.Exists("/proc/self/status") && NativeLibrary.TryGetExport(NativeLibrary.Load("libc"), "malloc_trim", out _), "only glibc on Linux is asked to");

    private static nint Filled(int size)
    {
        var block = Marshal.AllocHGlobal(size);
        for (var page = 0; page < size; page += Environment.SystemPageSize)
        {
            Marshal.WriteByte(block, page, 1); // without an array of the collector's, whose pages would count too
        }

        return block;
    }

    private static long Resident()
    {
        var line = File.ReadLines("/proc/self/status").Single(entry => entry.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
