using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>One entry of a model's state dict.</summary>
/// <param name="Key">PyTorch's key.</param>
/// <param name="Weight">Its values in the library's layout.</param>
/// <param name="StoredShape">Its shape in a checkpoint.</param>
/// <param name="Layout">How the two layouts relate.</param>
/// <param name="Trainable">Whether gradients train it; running statistics are not.</param>
/// <param name="Decays">Whether weight decay applies: to matrices and
/// kernels, not to gains, biases and embeddings.</param>
internal sealed record StateEntry(
    string Key, Weight Weight, int[] StoredShape, WeightLayout Layout, bool Trainable, bool Decays)
{
    /// <summary>A copy of the values in the checkpoint's order.</summary>
    public float[] ToStored()
    {
        float[] values = Weight.ToArray();
        if (Layout == WeightLayout.AsStored)
            return values;
        float[] stored = new float[values.Length];
        int[] index = Permutation(StoredShape, Layout);
        for (int i = 0; i < stored.Length; i++)
            stored[index[i]] = values[i];
        return stored;
    }

    /// <summary>Sets the values from the checkpoint's order.</summary>
    public void FromStored(ReadOnlySpan<float> stored)
    {
        Span<float> values = Weight.Span;
        if (Layout == WeightLayout.AsStored)
        {
            stored.CopyTo(values);
        }
        else
        {
            int[] index = Permutation(StoredShape, Layout);
            for (int i = 0; i < stored.Length; i++)
                values[i] = stored[index[i]];
        }

        Weight.Changed();
    }

    /// <summary>Sets the values from a checkpoint's tensor; without reordering they are read in place.</summary>
    public void FromStored(StoredTensor stored)
    {
        if (Layout == WeightLayout.AsStored)
        {
            stored.Read(Weight.Span);
            Weight.Changed();
        }
        else
        {
            FromStored(stored.ToFloats());
        }
    }

    /// <summary>Reorders values from the checkpoint's order to the library's.</summary>
    public static T[] Reorder<T>(T[] stored, int[] storedShape, WeightLayout layout)
        => layout == WeightLayout.AsStored ? stored : [.. Permutation(storedShape, layout).Select(place => stored[place])];

    /// <summary>For each element in the library's layout, its index in the checkpoint's tensor.</summary>
    private static int[] Permutation(int[] storedShape, WeightLayout layout)
    {
        int d0 = storedShape[0], d1 = storedShape[1], area = storedShape[2] * storedShape[3], i = 0;
        int[] index = new int[d0 * d1 * area];
        switch (layout)
        {
            case WeightLayout.Convolution:
                for (int o = 0; o < d0; o++)
                    for (int p = 0; p < area; p++)
                        for (int c = 0; c < d1; c++)
                            index[i++] = (o * d1 + c) * area + p;
                break;
            case WeightLayout.Depthwise:
                for (int p = 0; p < area; p++)
                    for (int c = 0; c < d0; c++)
                        index[i++] = c * area + p;
                break;
            default:
                for (int p = 0; p < area; p++)
                    for (int o = 0; o < d1; o++)
                        for (int c = 0; c < d0; c++)
                            index[i++] = (c * d1 + o) * area + p;
                break;
        }

        return index;
    }
}
