namespace PocketSam.Training.Data.Effects;

/// <summary>
/// Sensor noise: a part that all channels share (luma) and an independent part of each channel (chroma).
/// </summary>
internal static class SensorNoise
{
    /// <summary>Adds noise with the given standard deviations, in the units of pixel values (0 to 255).</summary>
    public static void Apply(PlanarImage image, float luma, float chroma, RandomStream random)
    {
        Span<float> red = image.Red, green = image.Green, blue = image.Blue;
        for (int i = 0; i < red.Length; i++)
        {
            // Four approximately normal numbers, each the sum of two 16-bit uniforms, from two draws.
            ulong first = random.NextBits();
            ulong second = random.NextBits();
            float shared = Triangular((uint)first) * luma;
            red[i] += shared + Triangular((uint)(first >> 32)) * chroma;
            green[i] += shared + Triangular((uint)second) * chroma;
            blue[i] += shared + Triangular((uint)(second >> 32)) * chroma;
        }
    }

    /// <summary>A triangular distribution with mean 0 and variance 1.</summary>
    private static float Triangular(uint bits)
        => ((int)(bits & 0xFFFF) + (int)(bits >> 16) - 65535) * (2.4494897f / 65536f);
}
