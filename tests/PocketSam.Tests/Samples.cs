using PocketSam.Tensors;

namespace PocketSam.Tests;

/// <summary>Values for tests, the same every time.</summary>
internal static class Samples
{
    /// <summary>Uniform in [-scale, scale].</summary>
    public static float[] Uniform(int count, int seed, float scale = 1f)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = scale * (2 * random.NextSingle() - 1);
        return values;
    }

    /// <summary>
    /// Integers from -4 to 4: sums of fewer than a million of their products are exact in single precision, so results
    /// in any order of summation are equal to the last bit.
    /// </summary>
    public static float[] Integers(int count, int seed)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = random.Next(-4, 5);
        return values;
    }

    /// <summary>A tensor of uniform values.</summary>
    public static Tensor Tensor(int seed, params int[] shape)
        => PocketSam.Tensors.Tensor.From(Uniform(shape.Aggregate(1, (a, b) => a * b), seed), shape);

    /// <summary>A weight of uniform values.</summary>
    public static Weight Weight(int seed, params int[] shape) => new(Tensor(seed, shape));
}
