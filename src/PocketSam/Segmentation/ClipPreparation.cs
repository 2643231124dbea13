using PocketSam.Kernels;
using PocketSam.Kernels.Image;
using PocketSam.Tensors;

namespace PocketSam.Segmentation;

/// <summary>
/// From pictures to what CLIP's image tower takes (clip/clip.py, _transform): the shorter side to the input's by Pillow's
/// bicubic filter, the middle cut out, normalised.
/// </summary>
internal static unsafe class ClipPreparation
{
    private const int Channels = 3;

    /// <summary>
    /// The middle of the resized picture, <paramref name="size"/> pixels a side. The longer side is cut to whole pixels, and the margin is
    /// rounded to the nearest, halves to even, as torchvision's <c>CenterCrop</c> does. Only the middle is computed, so that a picture of
    /// one row takes no more.
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

    /// <summary>The whole picture at another size.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height) => Resample(
        image, width, height,
        width == image.Width ? null : ResampleTaps.Between(image.Width, width, ResampleFilter.Bicubic, 0, width),
        height == image.Height ? null : ResampleTaps.Between(image.Height, height, ResampleFilter.Bicubic, 0, height));

    /// <summary>Width and height whose shorter one is <paramref name="size"/>; the other is cut to whole pixels.</summary>
    public static (int Width, int Height) ResizedSize(int width, int height, int size) => width <= height
        ? (size, (int)((long)size * height / width)) : ((int)((long)size * width / height), size);

    /// <summary>Normalised pixels of a picture, <c>[height, width, 3]</c>.</summary>
    public static void Normalize(RgbImage image, ClipConfig config, float* target)
    {
        Span<float> scale = stackalloc float[Channels], shift = stackalloc float[Channels];
        for (int c = 0; c < Channels; c++)
            (scale[c], shift[c]) = (1 / (255 * config.ImageStd[c]), -config.ImageMean[c] / config.ImageStd[c]);
        for (int i = 0; i < image.Pixels.Length; i++)
            target[i] = image.Pixels[i] * scale[i % Channels] + shift[i % Channels];
    }

    /// <summary>Pictures of one size as <c>[pictures, height, width, 3]</c>, which belongs to the innermost tape.</summary>
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
