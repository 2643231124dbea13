using System.Numerics.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>
/// A quantiser to 2^bits integers, simulated: it maps values to the values that the integers stand for.
/// </summary>
/// <param name="Bits">Bits of an integer, including the sign.</param>
internal abstract record Quantizer(int Bits)
{
    /// <summary>The largest integer.</summary>
    public int Top => (1 << (Bits - 1)) - 1;

    /// <summary>Divisor of the largest magnitude for a scale without clipping: 2^(bits-1) - 0.5 (PTQ4ViT).</summary>
    public static float Levels(int bits) => (1 << (bits - 1)) - 0.5f;

    /// <summary>The scales; the one of the larger values is last.</summary>
    public abstract float[] Scales { get; }

    /// <summary>Rounds each value to the nearest representable one; source and target may be the same.</summary>
    public abstract void Apply(ReadOnlySpan<float> source, Span<float> target);

    /// <summary>clamp(round(x / scale), least, top) scale</summary>
    private protected static void Round(ReadOnlySpan<float> source, Span<float> target, float scale, int least, int top)
    {
        TensorPrimitives.Multiply(source, 1 / scale, target);
        TensorPrimitives.Round(target, target);
        TensorPrimitives.Min(target, top, target);
        TensorPrimitives.Max(target, least, target);
        TensorPrimitives.Multiply(target, scale, target);
    }

    /// <summary>
    /// Uniform and symmetric: x_q = clip(round(x / s), -2^(b-1), 2^(b-1) - 1) (TinySAM, section 3.3).
    /// </summary>
    /// <param name="Scale">The scale s, above zero.</param>
    /// <param name="Bits">Bits of an integer.</param>
    public sealed record Uniform(float Scale, int Bits) : Quantizer(Bits)
    {
        public override float[] Scales => [Scale];

        public override void Apply(ReadOnlySpan<float> source, Span<float> target) => Round(source, target, Scale, -Top - 1, Top);
    }

    /// <summary>For outputs of GELU: one range above zero, another below (PTQ4ViT, equation 8).</summary>
    /// <param name="Positive">Scale of positive values.</param>
    /// <param name="Negative">Scale of negative values.</param>
    /// <param name="Bits">Bits of an integer; one of them selects the range.</param>
    public sealed record TwinSigns(float Positive, float Negative, int Bits) : Quantizer(Bits)
    {
        public override float[] Scales => [Negative, Positive];

        public override void Apply(ReadOnlySpan<float> source, Span<float> target)
        {
            for (int i = 0; i < source.Length; i++)
            {
                float x = source[i], scale = x < 0 ? Negative : Positive;
                target[i] = Math.Clamp(MathF.Round(x / scale), x < 0 ? -Top - 1 : 0, x < 0 ? 0 : Top) * scale;
            }
        }
    }

    /// <summary>
    /// For probabilities: one range below <paramref name="Split"/>, another up to 1 (PTQ4ViT, equation 8). The
    /// published code adds both ranges, which gives <c>x + split</c>; here one of them is selected.
    /// </summary>
    /// <param name="Split">The boundary of the ranges, a power of two of at most 1.</param>
    /// <param name="Bits">Bits of an integer; one of them selects the range.</param>
    public sealed record TwinMagnitudes(float Split, int Bits) : Quantizer(Bits)
    {
        public override float[] Scales => [Split / Top, 1f / Top];

        public override void Apply(ReadOnlySpan<float> source, Span<float> target)
        {
            float low = Split / Top, high = 1f / Top;
            for (int i = 0; i < source.Length; i++)
            {
                float scale = source[i] < Split ? low : high;
                target[i] = Math.Clamp(MathF.Round(source[i] / scale), 0, Top) * scale;
            }
        }
    }
}
