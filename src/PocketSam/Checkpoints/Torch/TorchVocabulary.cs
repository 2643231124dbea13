using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// The names that pickles of checkpoints may contain: tensors, storages, dictionaries, harmless values beside them, and
/// classes of packages whose models are pickled whole, which become records. Every other name is refused.
/// </summary>
/// <param name="isScript">Whether the pickle is that of a TorchScript
/// archive, which names the classes of its own modules.</param>
internal sealed partial class TorchVocabulary(bool isScript = false) : IPickleVocabulary
{
    private const int LongestShownName = 100;

    /// <summary>Most pairs to copy from lists to dictionaries: a pickle can name one list many times.</summary>
    private const int MaxPairs = 1 << 20;

    private enum Function
    {
        Dictionary,
        Tensor,
        TypedTensor,
        Parameter,
        Subclass,
        Set,
        Attribute,
        ScriptModule,
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
        ["builtins.set"] = Function.Set,
        ["__builtin__.set"] = Function.Set,
        ["builtins.frozenset"] = Function.Set,
        ["__builtin__.frozenset"] = Function.Set,
        // A head of ultralytics contains a method of its own class.
        ["__builtin__.getattr"] = Function.Attribute,
    }.ToFrozenDictionary();

    /// <summary>Types by their names and by the names of their storages.</summary>
    private static readonly FrozenDictionary<string, DataType> Types = new (DataType Type, string Name, string Storage)[]
    {
        (DataType.Float32, "float32", "Float"), (DataType.Float16, "float16", "Half"),
        (DataType.BFloat16, "bfloat16", "BFloat16"), (DataType.Float64, "float64", "Double"),
        (DataType.UInt8, "uint8", "Byte"), (DataType.Int8, "int8", "Char"), (DataType.Int16, "int16", "Short"),
        (DataType.Int32, "int32", "Int"), (DataType.Int64, "int64", "Long"), (DataType.Bool, "bool", "Bool"),
    }.SelectMany(t => new[]
    {
        KeyValuePair.Create($"torch.{t.Name}", t.Type), KeyValuePair.Create($"torch.{t.Storage}Storage", t.Type),
    }).Concat(StateDictPickle.UntypedNames.Select(t => KeyValuePair.Create($"torch.{t.Name}", t.Type))).ToFrozenDictionary();

    private static readonly FrozenSet<string> Untyped = FrozenSet.Create(
        "torch.UntypedStorage", "torch.storage.UntypedStorage");

    /// <summary>
    /// Harmless content of training checkpoints beside tensors: options, paths, dates, numpy's numbers.
    /// </summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(
    [
        "argparse.Namespace", "types.SimpleNamespace", "collections.Counter", "collections.deque",
        "torch.Size", "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer",
        "numpy.dtype", "numpy.ndarray", "numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar", "numpy._core.multiarray._reconstruct",
        "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer",
        "pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
        "pathlib._local.PosixPath", "pathlib._local.WindowsPath",
        "datetime.datetime", "datetime.date", "datetime.timedelta",
        "_codecs.encode", "copyreg._reconstructor", "copy_reg._reconstructor",
        .. new[] { "list", "dict", "tuple", "int", "float", "bool", "str", "bytes", "bytearray", "complex", "object" }
            .SelectMany(name => new[] { $"builtins.{name}", $"__builtin__.{name}" }),
    ]);

    /// <summary>PyTorch's own layers: accepted as parts of a model, not as the outermost object.</summary>
    private const string PlainLayers = "torch.nn.modules.";

    /// <summary>
    /// Packages of models that are pickled whole (FastSAM's, TinySAM's) and of the classes that they use.
    /// </summary>
    private static readonly string[] ModelPackages = [PlainLayers, "ultralytics.", "tinysam.", "timm."];
    /// <summary>Prefix of the functions that make a script's lists.</summary>
    private const string ScriptHelpers = "torch.jit._pickle.";

    private readonly Dictionary<string, TorchStorage> _storages = [];
    private int _pairs;

    /// <summary>All storages that the pickle refers to, by key.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => _storages;

    public object Global(string name, bool outermost)
    {
        if (Functions.TryGetValue(name, out Function function))
            return function;
        if (StorageName().IsMatch(name))
            return new StorageClass(name);
        if (Types.TryGetValue(name, out DataType type))
            return type;
        if (Harmless.Contains(name) || (isScript && name.StartsWith(ScriptHelpers, StringComparison.Ordinal)))
            return new PickledObject(name);
        if (isScript && name.StartsWith(ScriptModule.ClassPrefix, StringComparison.Ordinal))
            return Function.ScriptModule;

        string shown = Shown(name);
        bool isClass = char.IsUpper(name.AsSpan(name.LastIndexOf('.') + 1) is [var first, ..] ? first : '_');
        bool isPlain = name.StartsWith(PlainLayers, StringComparison.Ordinal);
        if (IsClassOfModels(name) && !(outermost && isPlain))
            return new RecordClass(name);
        if ((outermost && isClass) || isPlain)
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
            case Function.ScriptModule:
                return new ScriptModule();
            case Function.Tensor when arguments is [TorchStorage storage, var offset, var shape, var strides, ..]:
                return new TorchTensor(storage, null, offset, shape, strides);
            case Function.TypedTensor
                when arguments is [TorchStorage storage, var offset, var shape, var strides, _, _, DataType type, ..]:
                return new TorchTensor(storage, type, offset, shape, strides);
            case Function.Parameter when arguments is [TorchTensor parameter, ..]:
                return parameter;
            case Function.Subclass when arguments is [Function inner and not Function.Subclass, _, object?[] of, ..]:
                return Call(inner, of);
            case Function.Set:
                return arguments is [List<object?> items] ? items : new List<object?>();
            case Function.Attribute when arguments is [RecordClass, string attribute]:
                return new PickledObject(attribute);
            case Function.Attribute:
                throw new RefusalException("asks for __builtin__.getattr of what is no class of a model; nothing was run");
            case RecordClass(var name):
                return new PickledRecord(name);
            case PickledObject harmless:
                return harmless;
            default:
                // The kind of a value instead of the value, which a pickle can nest to any depth.
                string called = function is Function known ? known.ToString() : function?.GetType().Name ?? "None";
                throw new RefusalException($"calls {called} with other arguments than PyTorch");
        }
    }

    public object Persistent(object? id)
    {
        if (id is object?[] and ["module", ..])
            throw new RefusalException("holds a whole Python module, not a state dict; save its state_dict() instead");
        if (id is not object?[] parts || parts is not ["storage", StorageClass(var name), string key, _, long count, ..])
            throw new RefusalException("refers to what is no storage");
        if (count < 0)
            throw new RefusalException($"a storage of {count} elements");
        DataType? type = Types.TryGetValue(name, out DataType known) ? known : null;
        var whole = new TorchStorage(key, name, type, Untyped.Contains(name), count, 0, count);
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

    /// <summary>An empty dictionary, or one of a list of pairs.</summary>
    private PickleDict Dictionary(object?[] arguments)
    {
        var dict = new PickleDict();
        if (arguments is [List<object?> pairs])
        {
            if (pairs.Count > MaxPairs - _pairs)
                throw new RefusalException("copies more pairs than any checkpoint has");
            _pairs += pairs.Count;
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

    /// <summary>
    /// Whether a name is that of a class: function names are all
    /// lower case, while a few class names start in lower case.
    /// </summary>
    private static bool IsClassOfModels(string name)
        => ModelPackages.Any(package => name.StartsWith(package, StringComparison.Ordinal))
            && name.AsSpan(name.LastIndexOf('.') + 1).ContainsAnyInRange('A', 'Z');

    [GeneratedRegex(@"^torch\.(storage\.)?\w{1,40}Storage$")]
    private static partial Regex StorageName();

    private static string Shown(string name)
        => name[..Math.Min(name.Length, LongestShownName)];

    /// <summary>The class of a storage.</summary>
    private sealed record StorageClass(string Name);

    /// <summary>A class whose objects become records.</summary>
    private sealed record RecordClass(string Name);
}
