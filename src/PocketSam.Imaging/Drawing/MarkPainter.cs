namespace PocketSam.Imaging.Drawing;

/// <summary>Draws prompt points and boxes, clipped to the picture.</summary>
internal sealed class MarkPainter(RgbImage canvas)
{
    private const double PointRadiusPerPixel = 0.008;
    private const double SmallestPointRadius = 3;
    private const double BorderPerRadius = 0.35;
    private const double SmallestBorder = 1.5;

    private static readonly (byte Red, byte Green, byte Blue) White = (255, 255, 255);
    private static readonly (byte Red, byte Green, byte Blue) Foreground = (0, 200, 60);
    private static readonly (byte Red, byte Green, byte Blue) Background = (230, 30, 30);

    public void Paint(PointMark point)
    {
        double radius = Math.Max(SmallestPointRadius, PointRadiusPerPixel * Math.Max(canvas.Width, canvas.Height));
        double border = Math.Max(SmallestBorder, BorderPerRadius * radius);
        FillDisc(point.X, point.Y, radius + border, White);
        FillDisc(point.X, point.Y, radius, point.IsForeground ? Foreground : Background);
    }

    /// <summary>Draws the box as lines of the given width in pixels, along its inside.</summary>
    public void Paint(BoxMark box, int lineWidth)
    {
        double left = Math.Round(Math.Min(box.Left, box.Right));
        double right = Math.Round(Math.Max(box.Left, box.Right));
        double top = Math.Round(Math.Min(box.Top, box.Bottom));
        double bottom = Math.Round(Math.Max(box.Top, box.Bottom));
        int thickness = lineWidth - 1;
        FillRectangle(left, top, right, Math.Min(top + thickness, bottom));
        FillRectangle(left, Math.Max(bottom - thickness, top), right, bottom);
        FillRectangle(left, top, Math.Min(left + thickness, right), bottom);
        FillRectangle(Math.Max(right - thickness, left), top, right, bottom);
    }

    private void FillRectangle(double left, double top, double right, double bottom)
    {
        (int firstX, int lastX) = Clip(left, right, canvas.Width);
        (int firstY, int lastY) = Clip(top, bottom, canvas.Height);
        for (int y = firstY; y <= lastY; y++)
        {
            for (int x = firstX; x <= lastX; x++)
                Blend(x, y, Foreground, 1);
        }
    }

    private void FillDisc(double centerX, double centerY, double radius, (byte Red, byte Green, byte Blue) color)
    {
        (int firstX, int lastX) = Clip(centerX - radius - 1, centerX + radius + 1, canvas.Width);
        (int firstY, int lastY) = Clip(centerY - radius - 1, centerY + radius + 1, canvas.Height);
        for (int y = firstY; y <= lastY; y++)
        {
            for (int x = firstX; x <= lastX; x++)
            {
                double distance = Math.Sqrt((x - centerX) * (x - centerX) + (y - centerY) * (y - centerY));
                Blend(x, y, color, Math.Clamp(radius - distance + 0.5, 0, 1));
            }
        }
    }

    /// <summary>
    /// The pixels of the range within <c>0..length-1</c>; an empty range (first above last) if there are none.
    /// </summary>
    private static (int First, int Last) Clip(double from, double to, int length)
        => ((int)Math.Clamp(from, 0, length), (int)Math.Clamp(to, -1, length - 1));

    private void Blend(int x, int y, (byte Red, byte Green, byte Blue) color, double coverage)
    {
        Span<byte> pixel = canvas.Pixels.AsSpan(3 * (y * canvas.Width + x), 3);
        pixel[0] = (byte)Math.Round(pixel[0] + (color.Red - pixel[0]) * coverage);
        pixel[1] = (byte)Math.Round(pixel[1] + (color.Green - pixel[1]) * coverage);
        pixel[2] = (byte)Math.Round(pixel[2] + (color.Blue - pixel[2]) * coverage);
    }
}
