using System.Numerics.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>A way to write values as one of 2^bits numbers; simulated: the values that the numbers stand for.</summary>
/// <param name="Bits">Bits of a number, sign included.</param>
internal abstract record Quantizer(int Bits)
{
    /// <summary>The greatest number.</summary>
    public int Top => (1 << (Bits - 1)) - 1;

    /// <summary>What a largest magnitude is divided by for the scale that holds it: 2^(bits-1) - 0.5 (PTQ4ViT).</summary>
    public static float Levels(int bits) => (1 << (bits - 1)) - 0.5f;

    /// <summary>Its scales, that of the larger values last.</summary>
    public abstract float[] Scales { get; }

    /// <summary>The values, each rounded to the nearest that can be written; source and target may be the same.</summary>
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

    /// <summary>Symmetric around zero: x_q = clip(round(x / s), -2^(b-1), 2^(b-1) - 1) (TinySAM, section 3.3).</summary>
    /// <param name="Scale">Above zero.</param>
    /// <param name="Bits">Bits of a number.</param>
    public sealed record Uniform(float Scale, int Bits) : Quantizer(Bits)
    {
        public override float[] Scales => [Scale];

        public override void Apply(ReadOnlySpan<float> source, Span<float> target) => Round(source, target, Scale, -Top - 1, Top);
    }

    /// <summary>What comes out of GELU: one range above zero, another below (PTQ4ViT, equation 8).</summary>
    /// <param name="Positive">Scale above zero.</param>
    /// <param name="Negative">Scale below zero.</param>
    /// <param name="Bits">Bits of a number: one of them says which range.</param>
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
    /// Probabilities: one range below <paramref name="Split"/>, another up to 1 (PTQ4ViT, equation 8). The published code adds both ranges
    /// up, which is <c>x + split</c>; here one of them is selected.
    /// </summary>
    /// <param name="Split">Where they meet, a power of two of at most 1.</param>
    /// <param name="Bits">Bits of a number: one of them says which range.</param>
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
