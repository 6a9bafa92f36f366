using System.Globalization;
using System.Numerics;
using HqTrack.Weights.Torch;

namespace HqTrack.Weights.Pickle;

/// <summary>
/// Python's pickle machine (protocols 0 to 5) over an allow-list: it builds tensors, numbers, text and containers, and executes nothing.
/// A name outside the list ends the reading where it is asked for.
/// </summary>
/// <param name="source">The bytes.</param>
/// <param name="budget">What may be built.</param>
/// <param name="file">Name for messages.</param>
/// <param name="persistent">Makes the value of a persistent id, which torch uses for storages; null where there are none.</param>
internal sealed class PickleReader(PickleSource source, PickleBudget budget, string file, Func<PickleTuple, object>? persistent = null)
{
    private const int HighestProtocol = 5;

    private readonly PickleStack stack = new(source, budget);

    /// <summary>Runs to the end of one pickle; the source then stands behind it.</summary>
    /// <exception cref="CheckpointFormatException">Damaged, or asks for more than the allow-list has.</exception>
    public object? Read()
    {
        for (var op = (PickleOp)source.ReadByte(); op != PickleOp.Stop; op = (PickleOp)source.ReadByte())
        {
            if (!ReadValue(op) && !MakeContainer(op))
            {
                Run(op);
            }
        }

        return stack.Pop();
    }

    /// <summary>A value's or type's Python name for messages.</summary>
    public static string Describe(object? value) => (value as Type ?? value?.GetType())?.Name switch
    {
        null => "None",
        nameof(String) => "text",
        nameof(Boolean) or nameof(Int64) or nameof(BigInteger) or nameof(Double) => "a number",
        nameof(PickleDict) => "dictionary",
        nameof(PickleList) => "list",
        nameof(PickleTuple) => "tuple",
        nameof(PickleSet) => "set",
        nameof(PickleGlobal) => "class",
        nameof(TensorReference) => "tensor",
        nameof(StorageView) => "storage",
        _ => "another object",
    };

    private bool ReadValue(PickleOp op)
    {
        switch (op)
        {
            case PickleOp.None: stack.Push(null); break;
            case PickleOp.NewTrue: stack.Push(true); break;
            case PickleOp.NewFalse: stack.Push(false); break;
            case PickleOp.BinInt: stack.Push((long)source.ReadInt32()); break;
            case PickleOp.BinInt1: stack.Push((long)source.ReadByte()); break;
            case PickleOp.BinInt2: stack.Push((long)source.ReadUInt16()); break;
            case PickleOp.Long1: stack.Push(source.ReadInteger(source.ReadByte())); break;
            case PickleOp.Long4: stack.Push(source.ReadInteger(source.ReadInt32())); break;
            case PickleOp.BinFloat: stack.Push(source.ReadBigEndianDouble()); break;
            case PickleOp.BinUnicode: stack.Push(source.ReadUtf8(source.ReadUInt32())); break;
            case PickleOp.ShortBinUnicode: stack.Push(source.ReadUtf8(source.ReadByte())); break;
            case PickleOp.BinUnicode8: stack.Push(source.ReadUtf8(source.ReadUInt64())); break;
            case PickleOp.BinString: stack.Push(source.ReadLatin1(source.ReadUInt32())); break;
            case PickleOp.ShortBinString: stack.Push(source.ReadLatin1(source.ReadByte())); break;
            case PickleOp.BinBytes: stack.Push(source.ReadBytes(source.ReadUInt32())); break;
            case PickleOp.ShortBinBytes: stack.Push(source.ReadBytes(source.ReadByte())); break;
            case PickleOp.BinBytes8 or PickleOp.ByteArray8: stack.Push(source.ReadBytes(source.ReadUInt64())); break;
            case PickleOp.Int: stack.Push(source.ReadLine() switch { "00" => false, "01" => true, var digits => source.ParseInteger(digits) }); break;
            case PickleOp.Long: stack.Push(source.ParseInteger(source.ReadLine().TrimEnd('L'))); break;
            case PickleOp.Float: stack.Push(PickleText.Float(source.ReadLine()) ?? throw source.Bad("a line that is no number")); break;
            case PickleOp.Unicode: stack.Push(PickleText.Unescape(source.ReadLine(int.MaxValue), unicode: true)); break;
            case PickleOp.String: stack.Push(PickleText.Unquote(source.ReadLine(int.MaxValue)) ?? throw source.Bad("text without quotes")); break;
            default: return false;
        }

        return true;
    }

    private bool MakeContainer(PickleOp op)
    {
        switch (op)
        {
            case PickleOp.EmptyTuple: stack.Push(PickleTuple.Empty); break;
            case PickleOp.Tuple1: stack.Push(new PickleTuple(stack.Take(1))); break;
            case PickleOp.Tuple2: stack.Push(new PickleTuple(stack.Take(2))); break;
            case PickleOp.Tuple3: stack.Push(new PickleTuple(stack.Take(3))); break;
            case PickleOp.Tuple: stack.Push(new PickleTuple(stack.PopMark())); break;
            case PickleOp.EmptyList: stack.Push(new PickleList()); break;
            case PickleOp.EmptyDict: stack.Push(new PickleDict()); break;
            case PickleOp.EmptySet: stack.Push(new PickleSet()); break;
            case PickleOp.List: Fill(new PickleList(), stack.PopMark()); break;
            case PickleOp.FrozenSet: Fill(new PickleSet(), stack.PopMark()); break;
            case PickleOp.Dict: Fill(new PickleDict(), stack.PopMark()); break;
            case PickleOp.Append: Extend(stack.Take(1)); break;
            case PickleOp.Appends or PickleOp.AddItems or PickleOp.SetItems: Extend(stack.PopMark()); break;
            case PickleOp.SetItem: Extend(stack.Take(2)); break;
            default: return false;
        }

        return true;
    }

    private void Run(PickleOp op)
    {
        switch (op)
        {
            case PickleOp.Mark: stack.Mark(); break;
            case PickleOp.Pop: stack.Discard(); break;
            case PickleOp.PopMark: stack.PopMark(); break;
            case PickleOp.Dup: stack.Push(stack.Peek()); break;
            case PickleOp.Put: stack.Put(Index()); break;
            case PickleOp.BinPut: stack.Put(source.ReadByte()); break;
            case PickleOp.LongBinPut: stack.Put(source.ReadUInt32()); break;
            case PickleOp.Memoize: stack.Memoize(); break;
            case PickleOp.Get: stack.Get(Index()); break;
            case PickleOp.BinGet: stack.Get(source.ReadByte()); break;
            case PickleOp.LongBinGet: stack.Get(source.ReadUInt32()); break;
            case PickleOp.Frame: source.ReadUInt64(); break; // only a hint for buffering
            case PickleOp.Proto: CheckProtocol(source.ReadByte()); break;
            case PickleOp.Global: stack.Push(Find(source.ReadLine(), source.ReadLine())); break;
            case PickleOp.StackGlobal: PushStackGlobal(); break;
            case PickleOp.Inst: Construct(Find(source.ReadLine(), source.ReadLine()), stack.PopMark()); break;
            case PickleOp.Obj: ConstructMarked(stack.PopMark()); break;
            case PickleOp.NewObj or PickleOp.Reduce: ConstructPopped(); break;
            case PickleOp.NewObjEx: stack.Pop(); ConstructPopped(); break; // without the keyword arguments
            case PickleOp.Build: stack.Pop(); stack.Peek(); break; // attributes of an object: weights have none that matter
            case PickleOp.BinPersId: PushPersistent(); break;
            default: throw source.Bad($"the unknown pickle instruction 0x{(byte)op:x2}");
        }
    }

    private long Index() => source.ParseInteger(source.ReadLine()) as long? ?? throw source.Bad("an index out of range");

    private void CheckProtocol(byte protocol)
    {
        if (protocol > HighestProtocol)
        {
            throw source.Bad($"pickle protocol {protocol}, where {HighestProtocol} is the highest known");
        }
    }

    private PickleGlobal Find(string module, string name) => PickleGlobals.Find(module, name) ?? throw TorchFormat.Unsupported(
        file, $"a pickle that asks for {TorchFormat.Quote($"{module}.{name}")}, which weights do not need and which was not run");

    private void PushStackGlobal()
    {
        var name = stack.Pop<string>();
        stack.Push(Find(stack.Pop<string>(), name));
    }

    private void PushPersistent()
    {
        var id = stack.Pop<PickleTuple>();
        stack.Push(persistent?.Invoke(id) ?? throw source.Bad("a persistent id where none belongs"));
    }

    private void ConstructPopped()
    {
        var arguments = stack.Pop<PickleTuple>();
        Construct(stack.Pop<PickleGlobal>(), arguments.Items);
    }

    private void ConstructMarked(object?[] items) =>
        Construct(items is [PickleGlobal global, ..] ? global : throw source.Bad("an object without a class"), items[1..]);

    private void Construct(PickleGlobal global, object?[] arguments)
    {
        budget.Charge(PickleGlobals.Cost(arguments));
        stack.Push(PickleGlobals.Make(global, arguments, found => source.Bad(found)) ?? throw TorchFormat.Bad(
            file, string.Create(CultureInfo.InvariantCulture, $"{arguments.Length} arguments that do not fit {global.Name} before byte {source.Position}")));
    }

    private void Fill(object container, object?[] items)
    {
        stack.Push(container);
        Extend(items);
    }

    private void Extend(object?[] items)
    {
        stack.Grow(items.Length);
        switch (stack.Peek())
        {
            case PickleList list: list.Items.AddRange(items); break;
            case PickleSet set: set.Items.AddRange(items); break;
            case PickleObject: break;
            case PickleDict dict when items.Length % 2 == 0: dict.Items.AddRange(PickleGlobals.Pairs(items)); break;
            case var other: throw source.Bad($"{items.Length} items for {Describe(other)}");
        }
    }
}
