using System.Buffers;

namespace PocketSam.Training.Data.Effects;

/// <summary>A picture as red, green and blue planes of floats, 0 to 255, in rented arrays.</summary>
internal sealed class PlanarImage : IDisposable
{
    private readonly float[][] _planes = new float[3][];

    /// <summary>Creates planes with undefined contents.</summary>
    public PlanarImage(int width, int height)
    {
        Width = width;
        Height = height;
        for (int channel = 0; channel < 3; channel++)
            _planes[channel] = ArrayPool<float>.Shared.Rent(width * height);
    }

    public int Width { get; }

    public int Height { get; }

    public Span<float> Red => Plane(0);

    public Span<float> Green => Plane(1);

    public Span<float> Blue => Plane(2);

    public Span<float> Plane(int channel) => _planes[channel].AsSpan(0, Width * Height);

    public static PlanarImage From(RgbImage image)
    {
        PlanarImage planar = new(image.Width, image.Height);
        Span<float> red = planar.Red, green = planar.Green, blue = planar.Blue;
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = 0; i < red.Length; i++)
        {
            red[i] = pixels[3 * i];
            green[i] = pixels[3 * i + 1];
            blue[i] = pixels[3 * i + 2];
        }

        return planar;
    }

    /// <summary>Converts to bytes, rounded and clamped to 0..255.</summary>
    public RgbImage ToRgb()
    {
        RgbImage image = new(Width, Height);
        Span<float> red = Red, green = Green, blue = Blue;
        Span<byte> pixels = image.Pixels;
        for (int i = 0; i < red.Length; i++)
        {
            pixels[3 * i] = ToByte(red[i]);
            pixels[3 * i + 1] = ToByte(green[i]);
            pixels[3 * i + 2] = ToByte(blue[i]);
        }

        return image;
    }

    public void Dispose()
    {
        foreach (float[] plane in _planes)
            ArrayPool<float>.Shared.Return(plane);
    }

    private static byte ToByte(float value) => (byte)(Math.Min(Math.Max(value, 0f), 255f) + 0.5f);
}
