using System.Text;
using HqTrack.Weights.Torch;

namespace HqTrack.Weights.Pickle;

/// <summary>What stands for a name of the allow-list.</summary>
internal enum PickleGlobalKind
{
    Dict,
    List,
    Tuple,
    Set,
    Bytes,
    Encode,
    Storage,
    DType,
    RebuildTensor,
    RebuildTypedTensor,
    RebuildFromType,
    Parameter,

    /// <summary>Read over: made into a <see cref="PickleObject"/> of that name, whatever its arguments.</summary>
    Inert,
}

/// <summary>
/// The allow-list: the names that state dicts and the checkpoints around them use, and what each makes of its arguments.
/// After torch/_weights_only_unpickler.py, with numpy values and plain namespaces read over instead of refused.
/// </summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, PickleGlobalKind> Known = new(StringComparer.Ordinal)
    {
        ["collections.OrderedDict"] = PickleGlobalKind.Dict,
        ["collections.defaultdict"] = PickleGlobalKind.Dict,
        ["collections.Counter"] = PickleGlobalKind.Dict,
        ["builtins.dict"] = PickleGlobalKind.Dict,
        ["builtins.list"] = PickleGlobalKind.List,
        ["builtins.tuple"] = PickleGlobalKind.Tuple,
        ["torch.Size"] = PickleGlobalKind.Tuple,
        ["builtins.set"] = PickleGlobalKind.Set,
        ["builtins.frozenset"] = PickleGlobalKind.Set,
        ["builtins.bytes"] = PickleGlobalKind.Bytes,
        ["builtins.bytearray"] = PickleGlobalKind.Bytes,
        ["_codecs.encode"] = PickleGlobalKind.Encode,
        ["torch._utils._rebuild_tensor"] = PickleGlobalKind.RebuildTensor,
        ["torch._utils._rebuild_tensor_v2"] = PickleGlobalKind.RebuildTensor,
        ["torch._utils._rebuild_tensor_v3"] = PickleGlobalKind.RebuildTypedTensor,
        ["torch._tensor._rebuild_from_type_v2"] = PickleGlobalKind.RebuildFromType,
        ["torch._utils._rebuild_parameter"] = PickleGlobalKind.Parameter,
        ["torch._utils._rebuild_parameter_with_state"] = PickleGlobalKind.Parameter,
        ["torch.nn.parameter.Parameter"] = PickleGlobalKind.Parameter,
        ["torch.Tensor"] = PickleGlobalKind.Inert,
        ["torch.device"] = PickleGlobalKind.Inert,
        ["torch.serialization._get_layout"] = PickleGlobalKind.Inert,
        ["builtins.complex"] = PickleGlobalKind.Inert,
        ["builtins.int"] = PickleGlobalKind.Inert,
        ["builtins.float"] = PickleGlobalKind.Inert,
        ["builtins.bool"] = PickleGlobalKind.Inert,
        ["builtins.str"] = PickleGlobalKind.Inert,
        ["builtins.object"] = PickleGlobalKind.Inert,
        ["copyreg._reconstructor"] = PickleGlobalKind.Inert,
        ["argparse.Namespace"] = PickleGlobalKind.Inert,
        ["types.SimpleNamespace"] = PickleGlobalKind.Inert,
        ["numpy.dtype"] = PickleGlobalKind.Inert,
        ["numpy.ndarray"] = PickleGlobalKind.Inert,
        ["numpy.core.multiarray.scalar"] = PickleGlobalKind.Inert,
        ["numpy.core.multiarray._reconstruct"] = PickleGlobalKind.Inert,
    };

    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["__builtin__"] = "builtins", // Python 2, and protocol 2 of Python 3
        ["copy_reg"] = "copyreg",
        ["numpy._core.multiarray"] = "numpy.core.multiarray",
        ["torch.cuda"] = "torch",
        ["torch.storage"] = "torch",
    };

    /// <summary>A name of the allow-list, or null.</summary>
    public static PickleGlobal? Find(string module, string name)
    {
        module = Renamed.GetValueOrDefault(module, module);
        var full = $"{module}.{name}";
        return Known.TryGetValue(full, out var kind) ? new(full, kind)
            : module == "torch" && ElementType.OfStorage(name, out _) ? new(full, PickleGlobalKind.Storage)
            : module == "torch" && ElementType.Named(name) is not null ? new(full, PickleGlobalKind.DType)
            : module == "numpy.dtypes" && name.EndsWith("DType", StringComparison.Ordinal) ? new(full, PickleGlobalKind.Inert)
            : null;
    }

    /// <summary>What a class or function of the list makes of its arguments; null where they do not fit.</summary>
    /// <param name="global">The class or function.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="bad">Makes the exception for a tensor that cannot be.</param>
    public static object? Make(PickleGlobal global, object?[] arguments, Func<string, Exception> bad) => (global.Kind, arguments) switch
    {
        (PickleGlobalKind.Dict, [PickleDict from]) => Filled(new PickleDict(), into => into.Items.AddRange(from.Items)),
        (PickleGlobalKind.Dict, [PickleList from]) => FromPairs(from), // OrderedDict of Python 2
        (PickleGlobalKind.Dict, [] or [PickleGlobal or null]) => new PickleDict(), // or defaultdict with its factory
        (PickleGlobalKind.List, [] or [PickleList or PickleTuple]) => Filled(new PickleList(), into => into.Items.AddRange(Items(arguments))),
        (PickleGlobalKind.Set, [] or [PickleList or PickleTuple]) => Filled(new PickleSet(), into => into.Items.AddRange(Items(arguments))),
        (PickleGlobalKind.Tuple, [] or [PickleList or PickleTuple]) => new PickleTuple([.. Items(arguments)]),
        (PickleGlobalKind.Bytes, []) => Array.Empty<byte>(),
        (PickleGlobalKind.Bytes, [byte[] bytes]) => bytes,
        (PickleGlobalKind.Encode, [string text, ..]) => Encoding.Latin1.GetBytes(text), // how protocol 2 writes bytes
        (PickleGlobalKind.RebuildTensor, [StorageView storage, _, PickleTuple size, PickleTuple stride, ..]) =>
            TensorReference.Make(storage, storage.Storage.Type, arguments[1], size, stride, bad),
        (PickleGlobalKind.RebuildTypedTensor, [StorageView storage, _, PickleTuple size, PickleTuple stride, _, _, PickleGlobal { Kind: PickleGlobalKind.DType } type, ..]) =>
            TensorReference.Make(storage, ElementType.Named(type.Name["torch.".Length..])!, arguments[1], size, stride, bad),
        (PickleGlobalKind.RebuildFromType, [PickleGlobal { Kind: PickleGlobalKind.RebuildTensor or PickleGlobalKind.RebuildTypedTensor } function, _, PickleTuple inner, ..]) =>
            Make(function, inner.Items, bad),
        (PickleGlobalKind.Parameter, [TensorReference tensor, ..]) => tensor,
        (PickleGlobalKind.Inert, _) => new PickleObject(global.Name),
        _ => null,
    };

    /// <summary>Key, value, key, value ... as pairs; the number is even.</summary>
    public static IEnumerable<KeyValuePair<object?, object?>> Pairs(object?[] items)
    {
        for (var i = 0; i < items.Length; i += 2)
        {
            yield return new(items[i], items[i + 1]);
        }
    }

    /// <summary>Bytes that making something of arguments may allocate: containers and text are copied.</summary>
    public static long Cost(object?[] arguments) => arguments.Sum(argument => argument switch
    {
        PickleList list => 24L * list.Items.Count,
        PickleTuple tuple => 24L * tuple.Items.Length,
        PickleDict dict => 32L * dict.Items.Count,
        string text => text.Length,
        _ => 0,
    });

    private static IReadOnlyList<object?> Items(object?[] arguments) => arguments switch
    {
        [PickleList list] => list.Items,
        [PickleTuple tuple] => tuple.Items,
        _ => [],
    };

    private static PickleDict? FromPairs(PickleList pairs)
    {
        var dict = new PickleDict();
        foreach (var pair in pairs.Items)
        {
            if (Items([pair]) is not { Count: 2 } items)
            {
                return null;
            }

            dict.Items.Add(new(items[0], items[1]));
        }

        return dict;
    }

    private static T Filled<T>(T container, Action<T> fill)
    {
        fill(container);
        return container;
    }
}
