namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// The state dict of a pickled module, as built by torch.nn.Module.state_dict: parameters and persistent buffers, then
/// the nested modules, with names joined by dots.
/// </summary>
internal static class ModuleStateDict
{
    /// <summary>The package of TinySAM's layers that simulate quantisation in single precision.</summary>
    private const string QuantizedLayers = "tinysam.quantization_layer.";

    private const string IntervalSuffix = "interval";

    /// <summary>Deepest nesting of modules; SAM's models have about ten levels.</summary>
    private const int MaxDepth = 64;

    /// <summary>
    /// Most modules to visit, counting each place of a shared one: a
    /// pickle can nest one module in itself many times over.
    /// </summary>
    private const int MaxModules = 1 << 16;

    private const int MaxTensors = 1 << 17;

    private const int LongestKey = 512;

    /// <summary>The tensors of a module, and the quantisation intervals of its layers.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">The path of keys to it.</param>
    /// <exception cref="RefusalException">The module is larger or
    /// deeper than any model, or contains itself.</exception>
    public static FoundStateDict Of(PickledRecord module, string path)
    {
        var walk = new Walk();
        walk.Visit(module, "", 0);
        return new FoundStateDict(path, walk.Tensors) { Quantization = walk.Quantization.Layers > 0 ? walk.Quantization : null };
    }

    private sealed class Walk
    {
        private int _modules;

        public List<KeyValuePair<string, TorchTensor>> Tensors { get; } = [];

        public FoundQuantization Quantization { get; } = new();

        public void Visit(PickledRecord module, string prefix, int depth)
        {
            if (++_modules > MaxModules || depth > MaxDepth)
                throw new RefusalException("holds modules within modules, more than any model has");
            if (module.State is not { } state)
                return;
            bool quantized = module.Name.StartsWith(QuantizedLayers, StringComparison.Ordinal);
            if (quantized)
                AddQuantization(state, prefix);
            Add(state["_parameters"], [], prefix, quantized);
            Add(state["_buffers"], NotPersistent(state), prefix, quantized);
            if (state["_modules"] is not PickleDict modules)
                return;
            foreach ((object? key, object? value) in modules.Items)
            {
                if (key is string name && value is PickledRecord inner)
                    Visit(inner, Key(prefix, name) + ".", depth + 1);
            }
        }

        private static HashSet<string> NotPersistent(PickleDict state)
            => state["_non_persistent_buffers_set"] is List<object?> names ? [.. names.OfType<string>()] : [];

        private static string Key(string prefix, string name)
            => prefix.Length + name.Length <= LongestKey
                ? prefix + name : throw new RefusalException("holds a tensor whose name is longer than any model's");

        private void Add(object? values, HashSet<string> without, string prefix, bool quantized)
        {
            if (values is not PickleDict dict)
                return;
            foreach ((object? key, object? value) in dict.Items)
            {
                if (key is not string name || value is not TorchTensor tensor || without.Contains(name))
                    continue;
                if (quantized && name.EndsWith(IntervalSuffix, StringComparison.Ordinal))
                    AddInterval(Key(prefix, name), tensor);
                else if (Tensors.Count < MaxTensors)
                    Tensors.Add(new(Key(prefix, name), tensor));
                else
                    throw new RefusalException("holds more tensors than any model");
            }
        }

        /// <summary>Reads a layer's quantisation from its plain attributes.</summary>
        private void AddQuantization(PickleDict state, string prefix)
        {
            Quantization.Layers++;
            Quantization.WeightBits = Bits(state["w_bit"]) ?? Quantization.WeightBits;
            Quantization.ActivationBits = Bits(state["a_bit"]) ?? Quantization.ActivationBits;
            foreach ((object? key, object? value) in state.Items)
            {
                if (key is string name && name.EndsWith(IntervalSuffix, StringComparison.Ordinal) && value is TorchTensor or double)
                    AddInterval(Key(prefix, name), value);
            }
        }

        private void AddInterval(string key, object value)
        {
            if (Quantization.Intervals.Count == MaxTensors)
                throw new RefusalException("holds more intervals than any model");
            Quantization.Intervals.Add(new(key, value));
        }

        private static int? Bits(object? value) => value is long bits and > 0 and <= 32 ? (int)bits : null;
    }
}
