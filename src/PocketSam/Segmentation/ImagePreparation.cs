using PocketSam.Kernels;
using PocketSam.Kernels.Image;
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

    /// <summary>What each byte of each channel becomes, <c>[256, 3]</c>.</summary>
    private static readonly float[] Normalized =
        [.. Enumerable.Range(0, 256 * Channels).Select(i => (i / Channels - Mean[i % Channels]) / Deviation[i % Channels])];

    /// <summary>
    /// The picture resized as Pillow does, normalised, then padded with zeros: <c>[1, InputSize, InputSize, 3]</c>.
    /// </summary>
    public static Tensor ToInput(RgbImage image, ImageGeometry geometry)
        => Tape.Run(
            new FusedOp("PrepareImage", multiplyAdds: 0, input => Fill(image, geometry, input)),
            [1, geometry.InputSize, geometry.InputSize, Channels]);

    /// <summary>
    /// Pictures of at most <paramref name="size"/> pixels a side, normalised, then padded with zeros to the right and
    /// below: <c>[pictures, size, size, 3]</c>.
    /// </summary>
    public static Tensor Normalize(IReadOnlyList<RgbImage> images, int size)
    {
        Tensor input = Tape.New([images.Count, size, size, Channels]);
        for (int i = 0; i < images.Count; i++)
        {
            fixed (byte* pixels = images[i].Pixels)
            {
                Normalize(
                    pixels, images[i].Width, images[i].Height, input.Data + (nint)i * size * size * Channels, size);
            }
        }

        return input;
    }

    private static void Fill(RgbImage image, ImageGeometry geometry, Tensor input)
    {
        int width = geometry.ResizedWidth, height = geometry.ResizedHeight;
        fixed (byte* pixels = image.Pixels)
        {
            if (width == image.Width && height == image.Height)
            {
                Normalize(pixels, width, height, input.Data, geometry.InputSize);
                return;
            }

            // The pool keeps floats, and bytes fit in there.
            TensorBuffer resized = BufferPool.Rent(((nint)width * height * Channels - 1) / sizeof(float) + 1);
            ResampleKernel.Run(pixels, image.Width, image.Height, (byte*)resized.Data, width, height);
            Normalize((byte*)resized.Data, width, height, input.Data, geometry.InputSize);
            BufferPool.Return(resized);
        }
    }

    private static void Normalize(byte* source, int width, int height, float* target, int size)
        => Workers.For(size, y =>
        {
            var line = new Span<float>(target + (nint)y * size * Channels, size * Channels);
            int row = y < height ? width * Channels : 0;
            line[row..].Clear();
            var pixels = new ReadOnlySpan<byte>(source + (nint)y * row, row);
            float[] table = Normalized;
            for (int i = 0; i < pixels.Length; i += Channels)
            {
                line[i] = table[pixels[i] * Channels];
                line[i + 1] = table[pixels[i + 1] * Channels + 1];
                line[i + 2] = table[pixels[i + 2] * Channels + 2];
            }
        });
}
