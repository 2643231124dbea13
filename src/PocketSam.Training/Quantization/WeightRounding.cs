using System.Numerics.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>
/// Rounds the weights of an output channel to integers: symmetric, as batch norm may change their sign.
/// </summary>
internal static class WeightRounding
{
    /// <summary>The scale of a channel: share * largest / (2^(bits-1) - 0.5); 1 if all weights are zero.</summary>
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

    /// <summary>The values that a layer's integers stand for.</summary>
    /// <param name="weights">All weights, <c>[outputs, inputs]</c>.</param>
    /// <param name="shares">For each channel the fraction of its largest magnitude that is not clipped.</param>
    /// <param name="bits">Bits of an integer.</param>
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
