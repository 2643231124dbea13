namespace PocketSam.Checkpoints.Torch;

/// <summary>Finds the state dict among the other content of a checkpoint.</summary>
internal static class StateDictFinder
{
    /// <summary>Deepest nesting of dictionaries.</summary>
    private const int MaxDepth = 4;

    /// <summary>Keys under which training code stores it, most likely first.</summary>
    private static readonly string[] Names = ["model", "state_dict", "model_state_dict", "model_state", "network", "net", "sam", "module"];

    /// <summary>Keys under which training code stores a whole module; averaged weights are preferred.</summary>
    private static readonly string[] ModuleNames = ["ema", "model"];

    /// <summary>The tensors by key, and the path of keys to them, joined by dots.</summary>
    /// <exception cref="CheckpointFormatException">There are no tensors, or more than one state dict.</exception>
    public static FoundStateDict Find(object? root, string source)
    {
        try
        {
            return Module(root) is { } module ? module
                : root is PickleDict dict ? Find(dict, source)
                : throw new CheckpointFormatException(source, "holds no dictionary of tensors");
        }
        catch (RefusalException e)
        {
            throw new CheckpointFormatException(source, e.Message, e);
        }
    }

    /// <summary>
    /// The state dict of the pickle's own object if it is a module,
    /// or of a module under a usual key; null if there is none.
    /// </summary>
    private static FoundStateDict? Module(object? root)
    {
        if (root is PickledRecord outermost)
            return NotEmpty(ModuleStateDict.Of(outermost, ""));
        return root is PickleDict dict
            ? ModuleNames.Select(name => dict[name] is PickledRecord module ? NotEmpty(ModuleStateDict.Of(module, name)) : null)
                .FirstOrDefault(found => found is not null)
            : null;

        static FoundStateDict? NotEmpty(FoundStateDict found) => found.Tensors.Count > 0 ? found : null;
    }

    private static FoundStateDict Find(PickleDict dict, string source)
    {
        // Each dictionary is visited once, however often a pickle refers to it.
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        if (Named(dict, "", MaxDepth, seen) is { } named)
            return named;
        if (TensorsOf(dict) is { Count: > 0 } outermost)
            return new FoundStateDict("", outermost);

        var found = new List<FoundStateDict>();
        seen.Clear();
        Collect(dict, "", MaxDepth, seen, found);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CheckpointFormatException(source, "holds no dictionary of tensors"),
            _ => throw new CheckpointFormatException(
                source,
                $"holds {found.Count} dictionaries of tensors ({string.Join(", ", found.Take(4).Select(f => f.Path))}"
                + $"{(found.Count > 4 ? ", ..." : "")}) and none under '{Names[0]}' or '{Names[1]}'"),
        };
    }

    private static FoundStateDict? Named(PickleDict dict, string path, int depth, HashSet<object> seen)
    {
        foreach (string name in Names)
        {
            if (depth == 0 || dict[name] is not PickleDict inner || !seen.Add(inner))
                continue;
            if (Named(inner, path + name + ".", depth - 1, seen) is { } nested)
                return nested;
            if (TensorsOf(inner) is { Count: > 0 } tensors)
                return new FoundStateDict(path + name, tensors);
        }

        return null;
    }

    /// <summary>Collects all dictionaries that contain tensors.</summary>
    private static void Collect(
        PickleDict dict, string path, int depth, HashSet<object> seen, List<FoundStateDict> found)
    {
        if (depth == 0)
            return;
        foreach ((object? key, object? value) in dict.Items)
        {
            if (key is not string name || value is not PickleDict inner || !seen.Add(inner))
                continue;
            if (TensorsOf(inner) is { Count: > 0 } tensors)
                found.Add(new FoundStateDict(path + name, tensors));
            else
                Collect(inner, path + name + ".", depth - 1, seen, found);
        }
    }

    private static List<KeyValuePair<string, TorchTensor>> TensorsOf(PickleDict dict)
    {
        var tensors = new List<KeyValuePair<string, TorchTensor>>();
        foreach ((object? key, object? value) in dict.Items)
        {
            if (key is string name && value is TorchTensor tensor)
                tensors.Add(new(name, tensor));
        }

        return tensors;
    }
}
