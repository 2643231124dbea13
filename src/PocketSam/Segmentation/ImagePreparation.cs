using PocketSam.Kernels;
using PocketSam.Tensors;

namespace PocketSam.Segmentation;

/// <summary>From a picture to the pixels the image encoder takes.</summary>
internal static unsafe class ImagePreparation
{
    private const int Channels = 3;

    /// <summary>ImageNet's mean of red, green and blue, on 0 ... 255.</summary>
    public static ReadOnlySpan<float> Mean => [123.675f, 116.28f, 103.53f];

    /// <summary>ImageNet's standard deviation of red, green and blue, on 0 ... 255.</summary>
    public static ReadOnlySpan<float> Deviation => [58.395f, 57.12f, 57.375f];

    /// <summary>The picture at another size: antialiased bilinear, the very bytes Pillow makes.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height)
    {
        if (width == image.Width && height == image.Height)
            return image;
        var resized = new RgbImage(width, height);
        fixed (byte* source = image.Pixels, target = resized.Pixels)
            ResampleKernel.Run(source, image.Width, image.Height, target, width, height);
        return resized;
    }

    /// <summary>The picture resized, normalised, then padded with zeros: <c>[1, InputSize, InputSize, 3]</c>.</summary>
    public static Tensor ToInput(RgbImage image, ImageGeometry geometry)
        => Normalize([Resize(image, geometry.ResizedWidth, geometry.ResizedHeight)], geometry.InputSize);

    /// <summary>
    /// Pictures of at most <paramref name="size"/> pixels a side, normalised, then padded with zeros to the right and
    /// below: <c>[pictures, size, size, 3]</c>.
    /// </summary>
    public static Tensor Normalize(IReadOnlyList<RgbImage> images, int size)
    {
        float[] table = new float[256 * Channels];
        for (int i = 0; i < table.Length; i++)
            table[i] = (i / Channels - Mean[i % Channels]) / Deviation[i % Channels];

        Tensor input = Tape.New([images.Count, size, size, Channels]);
        Workers.For(images.Count * size, line =>
        {
            RgbImage image = images[line / size];
            int y = line % size, row = image.Width * Channels;
            var target = new Span<float>(input.Data + (nint)line * size * Channels, size * Channels);
            target.Clear();
            if (y >= image.Height)
                return;
            ReadOnlySpan<byte> pixels = image.Pixels.AsSpan(y * row, row);
            for (int i = 0; i < row; i += Channels)
            {
                target[i] = table[pixels[i] * Channels];
                target[i + 1] = table[pixels[i + 1] * Channels + 1];
                target[i + 2] = table[pixels[i + 2] * Channels + 2];
            }
        });
        return input;
    }
}
