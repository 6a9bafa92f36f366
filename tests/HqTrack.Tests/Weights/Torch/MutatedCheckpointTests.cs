using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Weights.Torch;

/// <summary>Real checkpoints, damaged at random: each is read or refused in one line, quickly and within four times its size.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/*.pth")]
public sealed class MutatedCheckpointTests
{
    private const int Slowest = 5_000; // ms, on a busy machine
    private const long Floor = 12L << 20; // what small files may cost: buffers, the reader's own floor, the test's copy

    [Fact]
    public void Two_hundred_damaged_checkpoints_are_read_or_refused() => Run(seed: 1, perFile: 25, largest: 100_000);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public void Many_damaged_checkpoints_are_read_or_refused() => Run(seed: 2, perFile: 4_000, largest: long.MaxValue);

    private static void Run(int seed, int perFile, long largest)
    {
        NativeRuntime.EnsureLoaded();
        using var leaks = new LeakCheck();
        var random = new Random(seed);
        int cases = 0, refused = 0;
        foreach (var path in Goldens.Glob("hqsam/*.pth"))
        {
            var whole = File.ReadAllBytes(path);
            for (var i = 0; whole.Length <= largest && i < perFile; i++)
            {
                refused += Try(Damage(whole, random), $"{Path.GetFileName(path)} {i}") ? 0 : 1;
                refused += whole[0] == 'P' && Try(DamagePickle(whole, random), $"{Path.GetFileName(path)} pickle {i}") ? 0 : 1;
                cases += 2;
            }
        }

        Assert.True(cases >= 200, $"only {cases} cases");
        Assert.InRange(refused, cases / 2, cases);
    }

    // Whether it could be read after all.
    private static bool Try(byte[] bytes, string what)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = true;
        try
        {
            using var scope = NewDisposeScope();
            using var file = WeightsFile.Open(new MemoryStream(bytes), what);
            var total = file.Load().Values.Sum(tensor => tensor.numel() * tensor.ElementSize);
            Assert.True(total <= Math.Max(4L * bytes.Length, Floor), $"{what}: tensors of {total} bytes from {bytes.Length}");
        }
        catch (CheckpointFormatException e)
        {
            Assert.True(e.Message.Length is > 20 and < 1000 && !e.Message.Any(char.IsControl) && e.Message.StartsWith(what, StringComparison.Ordinal), $"{what}: {e.Message}");
            read = false;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= (4L * bytes.Length) + Floor, $"{what}: {allocated} bytes allocated for {bytes.Length}");
        Assert.True(clock.ElapsedMilliseconds < Slowest, $"{what}: {clock.ElapsedMilliseconds} ms");
        return read;
    }

    // The zip's checksums would catch nearly everything before the pickle machine sees it: they are made right again.
    private static byte[] DamagePickle(byte[] whole, Random random)
    {
        using var zip = new ZipArchive(new MemoryStream(whole));
        var entries = zip.Entries.Select(entry =>
        {
            using var stream = entry.Open();
            var data = new byte[entry.Length];
            stream.ReadExactly(data);
            return (entry.FullName, Data: entry.Name == "data.pkl" ? Damage(data, random) : data);
        });
        return TorchFileWriter.Zip(entries, folder: string.Empty);
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        var bytes = whole.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Count);
            var count = Math.Min(random.Next(1, 64), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes.RemoveRange(at, count); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - count), count)); break;
                case 3: bytes.RemoveRange(Math.Max(1, at), bytes.Count - Math.Max(1, at)); break;
                case 4: bytes[at] = (byte)random.Next(256); break;
                default: Overwrite(bytes, at, random); break;
            }
        }

        return [.. bytes];
    }

    // A length, count or offset from nowhere.
    private static void Overwrite(List<byte> bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, random.Next(4) switch { 0 => long.MaxValue, 1 => -1, 2 => random.NextInt64(), _ => random.Next(1 << 16) });
        for (var i = 0; i < number.Length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[i];
        }
    }
}
