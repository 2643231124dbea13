using PocketSam.Kernels;
using PocketSam.Kernels.Image;
using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Segmentation;

/// <summary>Converts pictures to the image encoder's input.</summary>
internal static unsafe class ImagePreparation
{
    private const int Channels = 3;

    /// <summary>ImageNet's mean of red, green and blue, on a scale of 0 to 255.</summary>
    public static ReadOnlySpan<float> Mean => [123.675f, 116.28f, 103.53f];

    /// <summary>ImageNet's standard deviation of red, green and blue, on a scale of 0 to 255.</summary>
    public static ReadOnlySpan<float> Deviation => [58.395f, 57.12f, 57.375f];

    /// <summary>The normalised value of each byte in each channel, <c>[256, 3]</c>.</summary>
    private static readonly float[] Normalized =
        [.. Enumerable.Range(0, 256 * Channels).Select(i => (i / Channels - Mean[i % Channels]) / Deviation[i % Channels])];

    /// <summary>
    /// The picture resized as by Pillow, normalised and padded with zeros, <c>[1, InputSize, InputSize, 3]</c>; for an
    /// encoder of patches also the picture at the size of its patches.
    /// </summary>
    public static EncoderInput ToInput(RgbImage image, ImageGeometry geometry, ImageEncoderConfig encoder)
    {
        int size = geometry.InputSize, width = geometry.ResizedWidth, height = geometry.ResizedHeight;
        Tensor pixels = Prepare(image, width, height, size, size);
        if (encoder.PatchSize == 0)
            return new EncoderInput(pixels);
        (width, height) = PatchedSize(width, height, encoder);
        return new EncoderInput(pixels, [Prepare(image, width, height, width, height)]);
    }

    /// <summary>
    /// Pictures normalised and padded with zeros at the right and below, <c>[pictures, size, size, 3]</c>; for an
    /// encoder of patches also each picture at the size of its patches.
    /// </summary>
    /// <param name="images">The pictures, at most <paramref name="size"/>
    /// pixels a side; for an encoder of patches in whole cells.</param>
    /// <param name="size">Side of the input in pixels.</param>
    /// <param name="encoder">The encoder's architecture.</param>
    public static EncoderInput Normalize(IReadOnlyList<RgbImage> images, int size, ImageEncoderConfig encoder)
    {
        Tensor input = Tape.New([images.Count, size, size, Channels]);
        Tensor[]? patches = encoder.PatchSize == 0 ? null : new Tensor[images.Count];
        for (int i = 0; i < images.Count; i++)
        {
            RgbImage image = images[i];
            Resize(image, image.Width, image.Height, input.Data + (nint)i * size * size * Channels, size, size);
            if (patches is null)
                continue;
            (int width, int height) = PatchedSize(image.Width, image.Height, encoder);
            patches[i] = Prepare(image, width, height, width, height);
        }

        return new EncoderInput(input, patches);
    }

    /// <summary>The size in pixels of the patches of a picture of whole cells.</summary>
    private static (int Width, int Height) PatchedSize(int width, int height, ImageEncoderConfig encoder)
    {
        const int Cell = SamConfig.EmbeddingStride;
        if (width % Cell != 0 || height % Cell != 0)
            throw new ArgumentException($"a picture of {width} x {height} pixels in the input is not made of whole patches");
        return (width / Cell * encoder.PatchSize, height / Cell * encoder.PatchSize);
    }

    /// <summary>The picture at a size, in the upper left of <c>[1, rows, columns, 3]</c>.</summary>
    private static Tensor Prepare(RgbImage image, int width, int height, int columns, int rows)
        => Tape.Run(
            new FusedOp("PrepareImage", multiplyAdds: 0, input => Resize(image, width, height, input.Data, columns, rows)),
            [1, rows, columns, Channels]);

    /// <summary>
    /// Resizes the picture and writes it, normalised, to the upper left of <c>[rows, columns, 3]</c>; the rest is zero.
    /// </summary>
    private static void Resize(RgbImage image, int width, int height, float* target, int columns, int rows)
    {
        fixed (byte* pixels = image.Pixels)
        {
            if (width == image.Width && height == image.Height)
            {
                Normalize(pixels, width, height, target, columns, rows);
                return;
            }

            // The pool keeps floats; their memory holds the bytes.
            TensorBuffer resized = BufferPool.Rent(((nint)width * height * Channels - 1) / sizeof(float) + 1);
            ResampleKernel.Run(pixels, image.Width, image.Height, (byte*)resized.Data, width, height);
            Normalize((byte*)resized.Data, width, height, target, columns, rows);
            BufferPool.Return(resized);
        }
    }

    private static void Normalize(byte* source, int width, int height, float* target, int columns, int rows)
        => Workers.For(rows, y =>
        {
            var line = new Span<float>(target + (nint)y * columns * Channels, columns * Channels);
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
