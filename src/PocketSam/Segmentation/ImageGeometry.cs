using PocketSam.Models;

namespace PocketSam;

/// <summary>
/// The place of a picture in the model's square input: its longest side is resized to the input size, with padding at
/// the right and below (segment_anything/utils/transforms.py).
/// </summary>
public sealed record ImageGeometry
{
    private const double HalfPixel = 0.5;

    private ImageGeometry(int width, int height, int inputSize, int sideMultiple)
    {
        Width = width;
        Height = height;
        InputSize = inputSize;
        Scale = (double)inputSize / Math.Max(width, height);
        SideMultiple = sideMultiple;
        ResizedWidth = Resized(width);
        ResizedHeight = Resized(height);

        int Resized(int side) => Math.Max(1, (int)(side * Scale / sideMultiple + HalfPixel)) * sideMultiple;
    }

    /// <summary>Pixels in a row of the picture.</summary>
    public int Width { get; }

    /// <summary>Rows of the picture.</summary>
    public int Height { get; }

    /// <summary>
    /// Side of the square input in pixels, including padding; a multiple of <see cref="SamConfig.EmbeddingStride"/>.
    /// </summary>
    public int InputSize { get; }

    /// <summary>Pixels of the input per pixel of the picture, before rounding to whole pixels.</summary>
    public double Scale { get; }

    /// <summary>
    /// The picture's sides in the input are multiples of this number of pixels: 1, or more for an encoder that needs
    /// whole patches (<see cref="ImageEncoderConfig.SideMultiple"/>).
    /// </summary>
    public int SideMultiple { get; }

    /// <summary>
    /// Columns of the input that are picture: <c>Width * Scale</c> rounded to the nearest multiple of
    /// <see cref="SideMultiple"/>, halves up, at least one multiple.
    /// </summary>
    public int ResizedWidth { get; }

    /// <summary>Rows of the input that are picture, by the rule of <see cref="ResizedWidth"/>.</summary>
    public int ResizedHeight { get; }

    /// <summary>Side of the square maps of mask logits, including padding.</summary>
    public int MaskSide => InputSize / SamConfig.MaskStride;

    /// <summary>The geometry of a picture.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="inputSize">Side of the input in pixels: a multiple of 16 from 64 to 4096.</param>
    /// <param name="sideMultiple">The picture's sides in the input are multiples of this: 1 to 64, a divisor of
    /// <paramref name="inputSize"/>.</param>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static ImageGeometry For(int width, int height, int inputSize, int sideMultiple = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        SamConfig.ValidateImageSize(inputSize);
        if (sideMultiple is < 1 or > 64 || inputSize % sideMultiple != 0)
            throw new ArgumentException($"sides that are multiples of {sideMultiple} do not fit an input of {inputSize}", nameof(sideMultiple));
        return new ImageGeometry(width, height, inputSize, sideMultiple);
    }

    /// <summary>
    /// Converts a position in the picture to a token: scaled to the input, then shifted by half a pixel, so that
    /// integers are pixel centres.
    /// </summary>
    internal PromptToken ToToken(double x, double y, PointLabel label)
        => new(
            (float)(x * ResizedWidth / Width) + (float)HalfPixel,
            (float)(y * ResizedHeight / Height) + (float)HalfPixel,
            label);
}
