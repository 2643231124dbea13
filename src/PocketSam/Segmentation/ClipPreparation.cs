using PocketSam.Kernels;
using PocketSam.Kernels.Image;
using PocketSam.Tensors;

namespace PocketSam.Segmentation;

/// <summary>
/// Converts pictures to the input of CLIP's image tower (clip/clip.py, _transform): resizing of the shorter side with
/// Pillow's bicubic filter, centre crop, normalisation.
/// </summary>
internal static unsafe class ClipPreparation
{
    private const int Channels = 3;

    /// <summary>
    /// The centre of the resized picture, <paramref name="size"/> pixels a side. The longer side is truncated to whole
    /// pixels, and the margin is rounded to nearest, halves to even, as in torchvision's <c>CenterCrop</c>. Only the
    /// crop is computed, which bounds the cost of extreme aspect ratios.
    /// </summary>
    public static RgbImage CropMiddle(RgbImage image, int size)
    {
        (int width, int height) = ResizedSize(image.Width, image.Height, size);
        int x = Margin(width), y = Margin(height);
        ResampleTaps? columns = width == image.Width && x == 0 ? null
            : ResampleTaps.Between(image.Width, width, ResampleFilter.Bicubic, x, size);
        ResampleTaps? rows = height == image.Height && y == 0 ? null
            : ResampleTaps.Between(image.Height, height, ResampleFilter.Bicubic, y, size);
        return Resample(image, size, size, columns, rows);

        int Margin(int side) => (int)Math.Round((side - size) / 2.0, MidpointRounding.ToEven);
    }

    /// <summary>The whole picture at another size in pixels.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height) => Resample(
        image, width, height,
        width == image.Width ? null : ResampleTaps.Between(image.Width, width, ResampleFilter.Bicubic, 0, width),
        height == image.Height ? null : ResampleTaps.Between(image.Height, height, ResampleFilter.Bicubic, 0, height));

    /// <summary>
    /// Width and height after resizing the shorter side to
    /// <paramref name="size"/>; the longer side is truncated to whole pixels.
    /// </summary>
    public static (int Width, int Height) ResizedSize(int width, int height, int size) => width <= height
        ? (size, (int)((long)size * height / width)) : ((int)((long)size * width / height), size);

    /// <summary>Writes the normalised pixels of a picture, <c>[height, width, 3]</c>.</summary>
    public static void Normalize(RgbImage image, ClipConfig config, float* target)
    {
        Span<float> scale = stackalloc float[Channels], shift = stackalloc float[Channels];
        for (int c = 0; c < Channels; c++)
            (scale[c], shift[c]) = (1 / (255 * config.ImageStd[c]), -config.ImageMean[c] / config.ImageStd[c]);
        for (int i = 0; i < image.Pixels.Length; i++)
            target[i] = image.Pixels[i] * scale[i % Channels] + shift[i % Channels];
    }

    /// <summary>
    /// Normalised pixels of pictures of one size, <c>[pictures, height, width, 3]</c>; the tensor belongs to the
    /// innermost tape.
    /// </summary>
    public static Tensor Normalize(IReadOnlyList<RgbImage> images, ClipConfig config)
    {
        int width = images[0].Width, height = images[0].Height;
        Tensor pixels = Tape.New([images.Count, height, width, Channels]);
        Workers.For(images.Count, i => Normalize(images[i], config, pixels.Data + (nint)i * height * width * Channels));
        return pixels;
    }

    private static RgbImage Resample(RgbImage image, int width, int height, ResampleTaps? columns, ResampleTaps? rows)
    {
        if (columns is null && rows is null)
            return image;
        var resized = new RgbImage(width, height);
        fixed (byte* source = image.Pixels, target = resized.Pixels)
            ResampleKernel.Run(source, image.Width, target, width, height, columns, rows);
        return resized;
    }
}
