using System.Numerics.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>The weights of an output channel as whole numbers: symmetric, so that batch norm may change their sign.</summary>
internal static class WeightRounding
{
    /// <summary>The scale of a channel: share largest / (2^(bits-1) - 0.5); 1 for zeros alone.</summary>
    public static float Scale(ReadOnlySpan<float> weights, float share, int bits)
    {
        float scale = share * Math.Abs(TensorPrimitives.MaxMagnitude(weights)) / Quantizer.Levels(bits);
        return scale > 0 ? scale : 1;
    }

    /// <summary>clamp(round(w / scale), -top, top), top = 2^(bits-1) - 1</summary>
    public static void ToNumbers(ReadOnlySpan<float> weights, Span<float> target, float scale, int bits)
    {
        int top = (1 << (bits - 1)) - 1;
        TensorPrimitives.Multiply(weights, 1 / scale, target);
        TensorPrimitives.Round(target, target);
        TensorPrimitives.Min(target, top, target);
        TensorPrimitives.Max(target, -top, target);
    }

    /// <summary>The values that a layer's numbers stand for.</summary>
    /// <param name="weights">All, an output channel after the other.</param>
    /// <param name="shares">One for each channel.</param>
    /// <param name="bits">Bits of a number.</param>
    public static float[] Round(float[] weights, float[] shares, int bits)
    {
        float[] rounded = new float[weights.Length];
        int k = weights.Length / shares.Length;
        for (int i = 0; i < shares.Length; i++)
        {
            ReadOnlySpan<float> channel = weights.AsSpan(i * k, k);
            float scale = Scale(channel, shares[i], bits);
            ToNumbers(channel, rounded.AsSpan(i * k, k), scale, bits);
            TensorPrimitives.Multiply(rounded.AsSpan(i * k, k), scale, rounded.AsSpan(i * k, k));
        }

        return rounded;
    }
}
