using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using HqTrack.Weights.Pickle;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Writes pickles of protocol 2 instruction by instruction, whole or wrong.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream bytes = new();

    public PickleWriter() => Op(PickleOp.Proto, 2);

    public PickleWriter Op(PickleOp op, params ReadOnlySpan<byte> operand)
    {
        bytes.WriteByte((byte)op);
        bytes.Write(operand);
        return this;
    }

    public PickleWriter Global(string module, string name) => Op(PickleOp.Global, Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleWriter Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        Op(PickleOp.BinUnicode, length);
        bytes.Write(utf8);
        return this;
    }

    public PickleWriter Int(BigInteger value)
    {
        var number = value.ToByteArray();
        return Op(PickleOp.Long1, [(byte)number.Length, .. number]);
    }

    public PickleWriter Ints(params ReadOnlySpan<long> values)
    {
        Op(PickleOp.Mark);
        foreach (var value in values)
        {
            Int(value);
        }

        return Op(PickleOp.Tuple);
    }

    /// <summary>torch._utils._rebuild_tensor_v2 of a storage as torch.save writes it.</summary>
    public PickleWriter Tensor(string key, string storageClass, long count, ReadOnlySpan<long> shape, ReadOnlySpan<long> stride, long offset = 0, bool legacy = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOp.Mark);
        Op(PickleOp.Mark).Text("storage").Global("torch", storageClass).Text(key).Text("cpu").Int(count);
        if (legacy)
        {
            Op(PickleOp.None); // no view of another storage
        }

        Op(PickleOp.Tuple).Op(PickleOp.BinPersId).Int(offset).Ints(shape).Ints(stride).Op(PickleOp.NewFalse);
        Global("collections", "OrderedDict").Op(PickleOp.EmptyTuple).Op(PickleOp.Reduce);
        return Op(PickleOp.Tuple).Op(PickleOp.Reduce);
    }

    public byte[] End()
    {
        Op(PickleOp.Stop);
        return bytes.ToArray();
    }
}
