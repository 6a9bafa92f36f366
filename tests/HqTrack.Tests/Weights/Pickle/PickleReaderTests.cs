using System.Numerics;
using System.Text;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;
using HqTrack.Weights.Pickle;

namespace HqTrack.Tests.Weights.Pickle;

/// <summary>The pickle machine without a container; texts are what Python's pickle.dumps writes.</summary>
public sealed class PickleReaderTests
{
    [Fact]
    public void Protocol_0_is_read()
    {
        // pickle.dumps([1, -1, 3.5, True, None, 'a\xe9\n', {'k': (1, 2)}, 2**70], 0)
        const string Text = "(lp0\nI1\naI-1\naF3.5\naI01\naNaVa\u00e9\\u000a\np1\na(dp2\nVk\np3\n(I1\nI2\ntp4\nsaL1180591620717411303424L\na.";
        var list = Assert.IsType<PickleList>(Read(Encoding.Latin1.GetBytes(Text))).Items;
        Assert.Equal([1L, -1L, 3.5, true, null, "a\u00e9\n"], list.Take(6));
        Assert.True(Assert.IsType<PickleDict>(list[6]).TryGet("k", out var tuple));
        Assert.Equal([1L, 2L], Assert.IsType<PickleTuple>(tuple).Items);
        Assert.Equal(BigInteger.Pow(2, 70), list[7]);
        Assert.Equal("it's \\\n\u00e9", Read("S\"it's \\\\\\n\\xe9\"\n."u8));
    }

    [Fact]
    public void Protocol_5_is_read()
    {
        // pickle.dumps({'a': [b'xy', bytearray(b'z'), frozenset({1}), {2}], 'b': 1.0, 'c': ''}, 5)
        var bytes = Convert.FromHexString(
            "8005953c000000000000007d94288c0161945d942843027879949601000000000000007a94284b0191948f94284b0290658c016294473ff00000000000008c0163948c0094752e");
        var dict = Assert.IsType<PickleDict>(Read(bytes));
        Assert.True(dict.TryGet("a", out var a));
        var items = Assert.IsType<PickleList>(a).Items;
        Assert.Equal("xy"u8.ToArray(), items[0]);
        Assert.Equal("z"u8.ToArray(), items[1]);
        Assert.Equal([1L], Assert.IsType<PickleSet>(items[2]).Items);
        Assert.Equal([2L], Assert.IsType<PickleSet>(items[3]).Items);
        Assert.True(dict.TryGet("b", out var b) && b is 1.0);
        Assert.True(dict.TryGet("c", out var c) && c is "");
    }

    [Fact]
    public void Numbers_have_pythons_values()
    {
        Assert.Equal(-1L, Read(new PickleWriter().Op(PickleOp.BinInt, 0xff, 0xff, 0xff, 0xff).End()));
        Assert.Equal(0xfffeL, Read(new PickleWriter().Op(PickleOp.BinInt2, 0xfe, 0xff).End()));
        Assert.Equal(0L, Read(new PickleWriter().Op(PickleOp.Long1, 0).End()));
        Assert.Equal(long.MinValue, Read(new PickleWriter().Int(long.MinValue).End()));
        Assert.Equal(BigInteger.Pow(2, 63), Read(new PickleWriter().Int(BigInteger.Pow(2, 63)).End()));
        Assert.Equal(double.NegativeInfinity, Read("F-inf\n."u8));
    }

    [Theory]
    [InlineData("cos\nsystem\n.", "'os.system'")]
    [InlineData("cposix\nsystem\n(Vls\ntR.", "'posix.system'")]
    [InlineData("(Vls\nios\nsystem\n.", "'os.system'")]
    [InlineData("c__builtin__\neval\n.", "'__builtin__.eval'")]
    [InlineData("ctorch.storage\n_load_from_bytes\n.", "'torch.storage._load_from_bytes'")]
    [InlineData("cmodels.vos\nNet\n.", "'models.vos.Net'")]
    [InlineData("ca\u0001b\nc\u2028d\n.", "'a?b.c")]
    public void Names_outside_the_list_are_refused(string pickle, string named) => Assert.Contains(named, Refused(Encoding.UTF8.GetBytes(pickle)), StringComparison.Ordinal);

    [Theory]
    [InlineData("")] // no end
    [InlineData(".")] // nothing on the stack
    [InlineData("0.")]
    [InlineData("t.")] // no mark
    [InlineData("(.")] // only a mark
    [InlineData("g7\n.")] // never stored
    [InlineData("h\u0001.")]
    [InlineData("Na.")] // None is no list
    [InlineData("]Ns.")]
    [InlineData("}N(NNNu.")] // odd number
    [InlineData("NR.")]
    [InlineData("N)R.")]
    [InlineData("NQ.")]
    [InlineData("I12x\n.")]
    [InlineData("Fx\n.")]
    [InlineData("Sx\n.")]
    [InlineData("p99999999999\n.")]
    [InlineData("Np4000000000\n.")] // a memo of 96 GB
    [InlineData("Np-1\n.")]
    [InlineData("Np9223372036854775807\n.")]
    [InlineData("X\u007f\u007f\u007f\u007fab.")] // text of 2 GB
    [InlineData("\u0001.")]
    [InlineData("ccollections\nOrderedDict\n(NNtR.")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n(NtR.")]
    [InlineData("c")]
    public void Damaged_pickles_are_refused(string pickle) => Refused(Encoding.Latin1.GetBytes(pickle));

    [Fact]
    public void Other_damage_is_refused()
    {
        Refused([0x80, 6, (byte)'N', (byte)'.']);
        Refused([(byte)'X', 2, 0, 0, 0, 0xc3, 0x28, (byte)'.']); // not UTF-8
        Refused([0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, (byte)'.']);
        Refused([0x8b, 0xff, 0xff, 0xff, 0xff, (byte)'.']);
        Refused([0x8e, 0, 0, 0, 0x80, 0, 0, 0, 0, (byte)'.']);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(1_000_000)]
    public void Building_without_end_is_stopped(int repeats)
    {
        // A list that is copied again and again: few bytes, much memory.
        var pickle = new PickleWriter().Op(PickleOp.EmptyList).Op(PickleOp.BinPut, 0).Op(PickleOp.Mark);
        for (var i = 0; i < 10_000; i++)
        {
            pickle.Op(PickleOp.None);
        }

        pickle.Op(PickleOp.Appends).Global("builtins", "list").Op(PickleOp.BinPut, 1);
        for (var i = 0; i < repeats; i++)
        {
            pickle.Op(PickleOp.BinGet, 1).Op(PickleOp.BinGet, 0).Op(PickleOp.Tuple1).Op(PickleOp.Reduce);
        }

        var bytes = pickle.End();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("builds more than", Refused(bytes), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (4L * bytes.Length) + (16 << 20));
    }

    [Fact]
    public void Deep_nesting_does_not_need_a_deep_stack()
    {
        var bytes = new byte[2_000_001];
        bytes.AsSpan(0, 1_000_000).Fill((byte)PickleOp.EmptyList);
        bytes.AsSpan(1_000_000, 999_999).Fill((byte)PickleOp.Append);
        bytes[^2] = (byte)PickleOp.Stop;
        Refused(bytes);
        Assert.IsType<PickleList>(Read([.. bytes.AsSpan(950_000, 99_999), (byte)PickleOp.Stop]));
    }

    private static object? Read(ReadOnlySpan<byte> pickle)
    {
        var budget = new PickleBudget("file", pickle.Length);
        return new PickleReader(new PickleSource(new MemoryStream(pickle.ToArray()), "file", 0, pickle.Length, budget), budget, "file").Read();
    }

    private static string Refused(byte[] pickle)
    {
        var error = Assert.Throws<CheckpointFormatException>(() => Read(pickle));
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }
}
