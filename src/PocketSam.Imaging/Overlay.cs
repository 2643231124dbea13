using PocketSam.Imaging.Drawing;
using PocketSam.Segmentation;

namespace PocketSam.Imaging;

/// <summary>Shows masks, and the prompts they came from, on the photo.</summary>
public static class Overlay
{
    private const int PixelsPerOutlineStep = 1000;
    private const int MaxOutlineWidth = 100;
    private const int BoxLinePerOutline = 2;
    private const double GoldenRatio = 0.6180339887498949;
    private const double FirstHue = 0.58;
    private const double Saturation = 0.85;

    /// <summary>Draws masks as translucent areas with an outline, large ones first, then boxes, then points.</summary>
    /// <param name="photo">The photo; it is not changed.</param>
    /// <param name="masks">Masks of the photo's size, in the colours <see cref="ColorOf"/> gives their places.</param>
    /// <param name="options">Opacity, outlines, points and boxes; null for the defaults.</param>
    /// <returns>A new picture of the same size.</returns>
    /// <exception cref="ArgumentException">
    /// A mask of another size, an option out of range, a coordinate that is not a finite number.
    /// </exception>
    public static RgbImage Draw(RgbImage photo, IReadOnlyList<BinaryMask> masks, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(photo);
        var canvas = new RgbImage(photo.Width, photo.Height, photo.Pixels.AsSpan().ToArray());
        Paint(canvas, masks, options);
        return canvas;
    }

    /// <summary>As <see cref="Draw"/>, but into the photo itself, which a large one is spared a copy by.</summary>
    /// <param name="canvas">The photo; changed only if all else is in order.</param>
    /// <param name="masks">Masks of the photo's size, in the colours <see cref="ColorOf"/> gives their places.</param>
    /// <param name="options">Opacity, outlines, points and boxes; null for the defaults.</param>
    /// <exception cref="ArgumentException">As for <see cref="Draw"/>.</exception>
    public static void Paint(RgbImage canvas, IReadOnlyList<BinaryMask> masks, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        ArgumentNullException.ThrowIfNull(masks);
        options ??= new OverlayOptions();
        Validate(canvas, masks, options);

        int longSide = Math.Max(canvas.Width, canvas.Height);
        int outlineWidth = options.OutlineWidth ?? Math.Min(1 + (longSide - 1) / PixelsPerOutlineStep, MaxOutlineWidth);

        if (masks.Count > 0)
        {
            var painter = new MaskPainter(canvas, options.Opacity, outlineWidth);
            foreach (int i in Enumerable.Range(0, masks.Count).OrderByDescending(i => masks[i].Area))
                painter.Paint(masks[i], ColorOf(i));
        }

        var marks = new MarkPainter(canvas);
        foreach (BoxMark box in options.Boxes)
            marks.Paint(box, BoxLinePerOutline * outlineWidth);
        foreach (PointMark point in options.Points)
            marks.Paint(point);
    }

    /// <summary>
    /// The colour of a mask by its place in the list. It is the same in every picture; neighbours in the list are far
    /// apart on the colour circle.
    /// </summary>
    /// <param name="index">The place, from 0.</param>
    public static (byte Red, byte Green, byte Blue) ColorOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);

        // Steps of the golden ratio keep clear of the hues taken by the last few.
        double hue = (FirstHue + index * GoldenRatio) % 1;
        return (Channel(hue, 0), Channel(hue, 2.0 / 3), Channel(hue, 1.0 / 3));

        // A channel is full within a sixth of the circle on either side of its own hue, and fades over the next sixth.
        static byte Channel(double hue, double shift)
        {
            double distance = Math.Abs((hue + shift) % 1 - 0.5) * 6 - 1;
            return (byte)Math.Round(255 * (1 - Saturation + Saturation * Math.Clamp(distance, 0, 1)));
        }
    }

    private static void Validate(RgbImage photo, IReadOnlyList<BinaryMask> masks, OverlayOptions options)
    {
        if (!(options.Opacity is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.Opacity, "opacity goes from 0 to 1");
        if (options.OutlineWidth is < 0 or > MaxOutlineWidth)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.OutlineWidth, $"outlines are 0 to {MaxOutlineWidth} pixels wide");
        }

        foreach (BinaryMask mask in masks)
        {
            if (mask.Width != photo.Width || mask.Height != photo.Height)
            {
                throw new ArgumentException(
                    $"a mask of {mask.Width}x{mask.Height} does not fit a photo of {photo.Width}x{photo.Height}",
                    nameof(masks));
            }
        }

        bool finite = options.Points.All(p => double.IsFinite(p.X) && double.IsFinite(p.Y))
            && options.Boxes.All(b => double.IsFinite(b.Left + b.Top + b.Right + b.Bottom));
        if (!finite)
            throw new ArgumentException("coordinates of points and boxes must be finite", nameof(options));
    }
}
