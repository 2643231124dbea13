namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// A module of a TorchScript archive: an object of a class that the archive defines in code. Its attributes are kept,
/// and the code is never read.
/// </summary>
internal sealed class ScriptModule
{
    /// <summary>Prefix of the names of such classes.</summary>
    public const string ClassPrefix = "__torch__.";

    /// <summary>Deepest nesting of modules.</summary>
    private const int MaxDepth = 32;

    /// <summary>Parameters, buffers, constants and modules by name; null if the archive has none.</summary>
    public PickleDict? Attributes { get; set; }

    /// <summary>
    /// All tensors of the module and its nested modules, by state-dict key. Each module is visited once.
    /// </summary>
    public List<KeyValuePair<string, TorchTensor>> Tensors()
    {
        var tensors = new List<KeyValuePair<string, TorchTensor>>();
        Collect("", MaxDepth, new HashSet<object>(ReferenceEqualityComparer.Instance), tensors);
        return tensors;
    }

    private void Collect(string prefix, int depth, HashSet<object> seen, List<KeyValuePair<string, TorchTensor>> tensors)
    {
        if (depth == 0 || Attributes is null || !seen.Add(this))
            return;
        foreach ((object? key, object? value) in Attributes.Items)
        {
            if (key is not string name)
                continue;
            if (value is TorchTensor tensor)
                tensors.Add(new(prefix + name, tensor));
            else if (value is ScriptModule module)
                module.Collect($"{prefix}{name}.", depth - 1, seen, tensors);
        }
    }
}
