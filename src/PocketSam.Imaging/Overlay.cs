using PocketSam.Imaging.Drawing;

namespace PocketSam.Imaging;

/// <summary>Draws masks and their prompts over a photo.</summary>
public static class Overlay
{
    private const int PixelsPerOutlineStep = 1000;
    private const int MaxOutlineWidth = 100;
    private const int BoxLinePerOutline = 2;

    /// <summary>Draws masks as translucent areas with an outline, large ones first, then boxes, then points.</summary>
    /// <param name="photo">The photo, which is not changed.</param>
    /// <param name="masks">Masks of the photo's size; mask i has the colour <see cref="ColorOf"/>(i).</param>
    /// <param name="options">Opacity, outlines, points and boxes; null for the defaults.</param>
    /// <returns>A new picture of the same size.</returns>
    /// <exception cref="ArgumentException">
    /// A mask has another size, an option is out of range, or a coordinate is not finite.
    /// </exception>
    public static RgbImage Draw(RgbImage photo, IReadOnlyList<BinaryMask> masks, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(photo);
        var canvas = new RgbImage(photo.Width, photo.Height, photo.Pixels.AsSpan().ToArray());
        Paint(canvas, masks, options);
        return canvas;
    }

    /// <summary>As <see cref="Draw"/>, but draws into the photo itself, without copying it.</summary>
    /// <param name="canvas">The photo to draw into; unchanged if the arguments are invalid.</param>
    /// <param name="masks">Masks of the photo's size; mask i has the colour <see cref="ColorOf"/>(i).</param>
    /// <param name="options">Opacity, outlines, points and boxes; null for the defaults.</param>
    /// <exception cref="ArgumentException">As for <see cref="Draw"/>.</exception>
    public static void Paint(RgbImage canvas, IReadOnlyList<BinaryMask> masks, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        ArgumentNullException.ThrowIfNull(masks);
        Paint(
            canvas, masks, mask => (mask.Width, mask.Height), mask => mask.Area,
            (painter, mask, color) => painter.Paint(mask, color), options ?? new OverlayOptions());
    }

    /// <summary>As <see cref="Draw"/>, for encoded masks, which are drawn run by run without decoding.</summary>
    /// <param name="photo">The photo, which is not changed.</param>
    /// <param name="masks">Masks of the photo's size; mask i has the colour <see cref="ColorOf"/>(i).</param>
    /// <param name="options">Opacity, outlines, points and boxes; null for the defaults.</param>
    /// <returns>A new picture of the same size.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Draw"/>.</exception>
    public static RgbImage DrawEncoded(RgbImage photo, IReadOnlyList<Rle> masks, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(photo);
        var canvas = new RgbImage(photo.Width, photo.Height, photo.Pixels.AsSpan().ToArray());
        PaintEncoded(canvas, masks, options);
        return canvas;
    }

    /// <summary>As <see cref="DrawEncoded"/>, but draws into the photo itself.</summary>
    /// <param name="canvas">The photo to draw into; unchanged if the arguments are invalid.</param>
    /// <param name="masks">Masks of the photo's size; mask i has the colour <see cref="ColorOf"/>(i).</param>
    /// <param name="options">Opacity, outlines, points and boxes; null for the defaults.</param>
    /// <exception cref="ArgumentException">As for <see cref="Draw"/>.</exception>
    public static void PaintEncoded(RgbImage canvas, IReadOnlyList<Rle> masks, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        ArgumentNullException.ThrowIfNull(masks);
        Paint(
            canvas, masks, mask => (mask.Width, mask.Height), mask => mask.Area,
            (painter, mask, color) => painter.Paint(mask, color), options ?? new OverlayOptions());
    }

    /// <summary>The colour of the mask at an index: <see cref="MaskColors.Of"/>.</summary>
    /// <param name="index">The index, from 0.</param>
    public static (byte Red, byte Green, byte Blue) ColorOf(int index) => MaskColors.Of(index);

    private static void Paint<TMask>(
        RgbImage canvas,
        IReadOnlyList<TMask> masks,
        Func<TMask, (int Width, int Height)> size,
        Func<TMask, int> area,
        Action<MaskPainter, TMask, (byte Red, byte Green, byte Blue)> paint,
        OverlayOptions options)
    {
        Validate(canvas, masks.Select(size), options);

        int longSide = Math.Max(canvas.Width, canvas.Height);
        int outlineWidth = options.OutlineWidth ?? Math.Min(1 + (longSide - 1) / PixelsPerOutlineStep, MaxOutlineWidth);

        if (masks.Count > 0)
        {
            var painter = new MaskPainter(canvas, options.Opacity, outlineWidth);
            foreach (int i in Enumerable.Range(0, masks.Count).OrderByDescending(i => area(masks[i])))
                paint(painter, masks[i], ColorOf(i));
        }

        var marks = new MarkPainter(canvas);
        foreach (BoxMark box in options.Boxes)
            marks.Paint(box, BoxLinePerOutline * outlineWidth);
        foreach (PointMark point in options.Points)
            marks.Paint(point);
    }

    private static void Validate(RgbImage photo, IEnumerable<(int Width, int Height)> masks, OverlayOptions options)
    {
        if (!(options.Opacity is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.Opacity, "opacity goes from 0 to 1");
        if (options.OutlineWidth is < 0 or > MaxOutlineWidth)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.OutlineWidth, $"outlines are 0 to {MaxOutlineWidth} pixels wide");
        }

        foreach ((int width, int height) in masks)
        {
            if (width != photo.Width || height != photo.Height)
            {
                throw new ArgumentException(
                    $"a mask of {width}x{height} does not fit a photo of {photo.Width}x{photo.Height}", nameof(masks));
            }
        }

        bool finite = options.Points.All(p => double.IsFinite(p.X) && double.IsFinite(p.Y))
            && options.Boxes.All(b => double.IsFinite(b.Left + b.Top + b.Right + b.Bottom));
        if (!finite)
            throw new ArgumentException("coordinates of points and boxes must be finite", nameof(options));
    }
}
