namespace PocketSam.Tests.Checkpoints;

/// <summary>Pickled modules as <c>torch.save(model)</c> writes them, around tensors that all lie in storage 0.</summary>
internal static class ModulePickle
{
    /// <summary>Appends a module.</summary>
    /// <param name="builder">The pickle.</param>
    /// <param name="prefix">What the keys of its tensors begin with.</param>
    /// <param name="tensors">Shapes by key.</param>
    /// <param name="count">Elements of the storage.</param>
    /// <param name="classOf">Module and name of the class of the module of a key.</param>
    /// <param name="attributes">Appends further attributes of the module of a key.</param>
    public static PickleBuilder Module(
        this PickleBuilder builder, string prefix, IReadOnlyDictionary<string, int[]> tensors, long count,
        Func<string, (string Module, string Name)> classOf, Action<PickleBuilder, string>? attributes = null)
    {
        string key = prefix.TrimEnd('.');
        (string module, string name) = classOf(key);
        builder.Global(module, name).Op(")\u0081}(").Text("training").Op("\u0089").Text("_parameters").Op("}(");
        string[] inside = [.. tensors.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..])];
        foreach (string own in inside.Where(k => !k.Contains('.')))
            builder.Text(own).Tensor("0", count, 0, Sizes(tensors[prefix + own]), Strides(tensors[prefix + own]));
        builder.Op("u").Text("_buffers").Op("}(").Text("scratch").Tensor("0", count, 0, [1], [1]).Op("u")
            .Text("_non_persistent_buffers_set").Global("__builtin__", "set").Op("](").Text("scratch").Op("e\u0085R")
            .Text("_modules").Op("}(");
        foreach (string child in inside.Where(k => k.Contains('.')).Select(k => k.Split('.')[0]).Distinct())
            builder.Text(child).Module($"{prefix}{child}.", tensors, count, classOf, attributes);
        builder.Op("u");
        attributes?.Invoke(builder, key);
        return builder.Op("ub");
    }

    /// <summary>A file in the shape of <c>tinysam_w8a8.pth</c>: a whole module whose linear layers simulate 8 bits.</summary>
    /// <param name="tensors">Shapes by key of a TinySAM.</param>
    public static byte[] SimulatedTinySam(IReadOnlyDictionary<string, int[]> tensors)
    {
        long count = tensors.Values.Max(shape => Sizes(shape).Aggregate(1L, (a, b) => a * b));
        byte[] pickle = new PickleBuilder().Module("", tensors, count, ClassOf, (builder, key) =>
        {
            if (IsQuantized(key))
            {
                builder.Text("w_bit").Op("K\u0008").Text("a_bit").Op("K\u0008").Text("a_interval").Tensor("0", count, 0, [1], [1])
                    .Text("w_interval").Op("G").Raw(0x3F, 0xB0, 0, 0, 0, 0, 0, 0).Text("bias_interval").Op("N");
            }
        }).Stop();
        byte[] storage = new byte[count * sizeof(float)];
        BitConverter.GetBytes(0.25f).CopyTo(storage, 0);
        return TorchBuilder.Zip(pickle, storage);

        static (string, string) ClassOf(string key) => key.Length == 0 ? ("tinysam.modeling.sam", "Sam")
            : IsQuantized(key) ? ("tinysam.quantization_layer.layers", "InferLinear")
            : ("torch.nn.modules.container", "Sequential");
    }

    /// <summary>Whether the module of a key is one of those layers.</summary>
    public static bool IsQuantized(string key)
        => key.StartsWith("image_encoder.", StringComparison.Ordinal) && key.Split('.')[^1] is "qkv" or "proj" or "fc1" or "fc2";

    private static long[] Sizes(int[] shape) => [.. shape.Select(size => (long)size)];

    private static long[] Strides(int[] shape)
    {
        long[] strides = new long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }
}
