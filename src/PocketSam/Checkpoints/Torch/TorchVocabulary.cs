using System.Collections.Frozen;
using System.Globalization;

namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// The names that pickles of checkpoints may hold: tensors, storages, dictionaries, and what is known to be harmless
/// beside them. Everything else is refused by its name.
/// </summary>
internal sealed class TorchVocabulary : IPickleVocabulary
{
    private const int LongestShownName = 100;

    private enum Function
    {
        Dictionary,
        Tensor,
        TypedTensor,
        Parameter,
        Subclass,
    }

    private static readonly FrozenDictionary<string, Function> Functions = new Dictionary<string, Function>
    {
        ["collections.OrderedDict"] = Function.Dictionary,
        ["collections.defaultdict"] = Function.Dictionary,
        ["torch._utils._rebuild_tensor"] = Function.Tensor,
        ["torch._utils._rebuild_tensor_v2"] = Function.Tensor,
        ["torch._utils._rebuild_tensor_v3"] = Function.TypedTensor,
        ["torch._utils._rebuild_parameter"] = Function.Parameter,
        ["torch._utils._rebuild_parameter_with_state"] = Function.Parameter,
        ["torch._tensor._rebuild_from_type_v2"] = Function.Subclass,
    }.ToFrozenDictionary();

    /// <summary>Types by the names of their storages and of themselves.</summary>
    private static readonly FrozenDictionary<string, DataType> Types = new (DataType Type, string Storage, string Name)[]
    {
        (DataType.Float32, "Float", "float32"), (DataType.Float16, "Half", "float16"),
        (DataType.BFloat16, "BFloat16", "bfloat16"), (DataType.Float64, "Double", "float64"),
        (DataType.UInt8, "Byte", "uint8"), (DataType.Int8, "Char", "int8"), (DataType.Int16, "Short", "int16"),
        (DataType.Int32, "Int", "int32"), (DataType.Int64, "Long", "int64"), (DataType.Bool, "Bool", "bool"),
    }.SelectMany(t => new[]
    {
        KeyValuePair.Create($"torch.{t.Storage}Storage", t.Type), KeyValuePair.Create($"torch.{t.Name}", t.Type),
    }).ToFrozenDictionary();

    private static readonly FrozenSet<string> Untyped = FrozenSet.Create(
        "torch.UntypedStorage", "torch.storage.UntypedStorage");

    /// <summary>What checkpoints of trainings hold beside tensors: options, paths, dates, numpy's numbers.</summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(
    [
        "argparse.Namespace", "types.SimpleNamespace", "collections.Counter", "collections.deque",
        "torch.Size", "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer",
        "numpy.dtype", "numpy.ndarray", "numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar", "numpy._core.multiarray._reconstruct",
        "pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
        "pathlib._local.PosixPath", "pathlib._local.WindowsPath",
        "datetime.datetime", "datetime.date", "datetime.timedelta",
        "_codecs.encode", "copyreg._reconstructor", "copy_reg._reconstructor",
        .. new[] { "set", "frozenset", "list", "dict", "tuple", "int", "float", "bool", "str", "bytes", "bytearray", "complex", "object" }
            .SelectMany(name => new[] { $"builtins.{name}", $"__builtin__.{name}" }),
    ]);

    private readonly Dictionary<string, TorchStorage> _storages = [];

    /// <summary>All storages that were referred to, by key.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => _storages;

    public object Global(string name, bool outermost)
    {
        if (Functions.TryGetValue(name, out Function function))
            return function;
        if (Types.TryGetValue(name, out DataType type))
            return type;
        if (Untyped.Contains(name) || Harmless.Contains(name))
            return new PickledObject(name);

        string shown = Shown(name);
        if (name.StartsWith("torch.", StringComparison.Ordinal) && name.EndsWith("Storage", StringComparison.Ordinal))
            throw new RefusalException($"tensors of {shown} are not supported");
        if (outermost || name.StartsWith("torch.nn.modules.", StringComparison.Ordinal))
        {
            throw new RefusalException(
                $"holds a whole Python object ({shown}), not a state dict; save its state_dict() instead");
        }

        throw new RefusalException(
            $"asks for {shown}, which is neither a tensor nor a plain value; nothing was run");
    }

    public object? Call(object? function, object?[] arguments)
    {
        switch (function)
        {
            case Function.Dictionary:
                return Dictionary(arguments);
            case Function.Tensor when arguments is [TorchStorage storage, var offset, var shape, var strides, ..]:
                return TorchTensor.Create(storage, storage.Type, offset, shape, strides);
            case Function.TypedTensor
                when arguments is [TorchStorage storage, var offset, var shape, var strides, _, _, DataType type, ..]:
                return TorchTensor.Create(Typed(storage, type), type, offset, shape, strides);
            case Function.Parameter when arguments is [TorchTensor parameter, ..]:
                return parameter;
            case Function.Subclass when arguments is [Function inner and not Function.Subclass, _, object?[] of, ..]:
                return Call(inner, of);
            case PickledObject harmless:
                return harmless;
            default:
                throw new RefusalException($"calls {Shown(function?.ToString() ?? "None")} with other arguments than PyTorch");
        }
    }

    public object Persistent(object? id)
    {
        if (id is object?[] and ["module", ..])
            throw new RefusalException("holds a whole Python module, not a state dict; save its state_dict() instead");
        if (id is not object?[] parts || parts is not ["storage", var type, string key, _, long count, ..])
            throw new RefusalException("refers to what is no storage");
        DataType? elements = type switch
        {
            DataType known => known,
            PickledObject { Name: var name } when Untyped.Contains(name) => null,
            _ => throw new RefusalException("a storage of no known type"),
        };
        if (count < 0)
            throw new RefusalException($"a storage of {count} elements");
        var whole = new TorchStorage(key, elements, count, 0, count);
        _storages.TryAdd(key, whole);
        if (parts.Length < 6 || parts[5] is null)
            return whole;
        if (parts[5] is not object?[] view || view is not [string, long first, long part]
            || first < 0 || part < 0 || first > count - part)
        {
            throw new RefusalException("a storage that is no part of the one it should be");
        }

        return whole with { Count = part, Offset = first };
    }

    /// <summary>A storage of bytes in elements of its tensor.</summary>
    private static TorchStorage Typed(TorchStorage storage, DataType type)
    {
        if (storage.Type is { } known)
            return known == type ? storage : throw new RefusalException($"a tensor of {type} in a storage of {known}");
        int size = StoredTensor.SizeOf(type);
        return storage with { Type = type, Count = storage.Count / size, WholeCount = storage.WholeCount / size };
    }

    /// <summary>A dictionary of nothing, or of a list of pairs.</summary>
    private static PickleDict Dictionary(object?[] arguments)
    {
        var dict = new PickleDict();
        if (arguments is [List<object?> pairs])
        {
            foreach (object? pair in pairs)
            {
                (object? key, object? value) = pair switch
                {
                    object?[] and [var k, var v] => (k, v),
                    List<object?> and [var k, var v] => (k, v),
                    _ => throw new RefusalException("a dictionary of what are no pairs"),
                };
                dict.Set(key, value);
            }
        }

        return dict;
    }

    private static string Shown(string name)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Concat(name.Take(LongestShownName).Select(c => char.IsControl(c) ? '?' : c))}");
}
