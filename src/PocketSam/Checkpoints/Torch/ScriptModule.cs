namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// A module of a TorchScript archive: an object of a class that the archive itself defines in code. Its attributes are kept as
/// they come, and the code is never looked at.
/// </summary>
internal sealed class ScriptModule
{
    /// <summary>What Python's names of such classes begin with.</summary>
    public const string ClassPrefix = "__torch__.";

    /// <summary>How deep modules are looked into.</summary>
    private const int MaxDepth = 32;

    /// <summary>Parameters, buffers, constants and modules by name; null where the archive gives none.</summary>
    public PickleDict? Attributes { get; set; }

    /// <summary>All tensors of the module and those in it, by the keys of its state dict. Each module is looked into once.</summary>
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
