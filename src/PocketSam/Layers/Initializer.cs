namespace PocketSam.Layers;

/// <summary>Initial values of a weight that no checkpoint gives.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Scale">The constant, half width or standard deviation.</param>
internal readonly record struct Initializer(InitializerKind Kind, float Scale)
{
    public static Initializer Zeros => new(InitializerKind.Constant, 0f);

    public static Initializer Ones => new(InitializerKind.Constant, 1f);

    /// <summary>Normal with the given standard deviation, truncated at two of them.</summary>
    public static Initializer TruncatedNormal(float deviation = 0.02f) => new(InitializerKind.TruncatedNormal, deviation);

    /// <summary>Standard normal times <paramref name="deviation"/>.</summary>
    public static Initializer Normal(float deviation = 1f) => new(InitializerKind.Normal, deviation);

    /// <summary>Uniform in +-1 / sqrt(fan-in), PyTorch's default for linear layers, convolutions and biases.</summary>
    public static Initializer FanIn(int fanIn) => new(InitializerKind.Uniform, 1f / MathF.Sqrt(fanIn));

    public void Fill(Span<float> values, Random random)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Kind switch
            {
                InitializerKind.Constant => Scale,
                InitializerKind.Uniform => Scale * (2f * random.NextSingle() - 1f),
                InitializerKind.Normal => Scale * Gaussian(random),
                _ => Scale * Truncated(random),
            };
        }
    }

    private static float Truncated(Random random)
    {
        while (true)
        {
            float z = Gaussian(random);
            if (MathF.Abs(z) <= 2f)
                return z;
        }
    }

    /// <summary>The Box-Muller transform.</summary>
    private static float Gaussian(Random random)
        => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}

/// <summary>Distributions of initial values.</summary>
internal enum InitializerKind
{
    Constant,
    Uniform,
    Normal,
    TruncatedNormal,
}
