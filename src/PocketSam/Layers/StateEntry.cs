using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>One entry of a model's state dict.</summary>
/// <param name="Key">PyTorch's key.</param>
/// <param name="Weight">Its values in our layout.</param>
/// <param name="StoredShape">Its shape in a checkpoint.</param>
/// <param name="Layout">How the two relate.</param>
/// <param name="Trainable">Whether training changes it by gradients; running statistics are not.</param>
/// <param name="Decays">Whether weight decay applies: matrices and kernels, not gains, biases and embeddings.</param>
internal sealed record StateEntry(
    string Key, Weight Weight, int[] StoredShape, WeightLayout Layout, bool Trainable, bool Decays)
{
    /// <summary>The values in the checkpoint's order.</summary>
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

    /// <summary>Takes values in the checkpoint's order.</summary>
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

    /// <summary>Takes the values of a checkpoint's tensor; those that stay as stored are read into their place.</summary>
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

    /// <summary>Values in the checkpoint's order as ours.</summary>
    public static T[] Reorder<T>(T[] stored, int[] storedShape, WeightLayout layout)
        => layout == WeightLayout.AsStored ? stored : [.. Permutation(storedShape, layout).Select(place => stored[place])];

    /// <summary>For each of our elements its place in the checkpoint's tensor.</summary>
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
