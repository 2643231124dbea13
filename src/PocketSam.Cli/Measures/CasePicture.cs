using PocketSam.Imaging;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>Draws a case of an evaluation: which pixels of the prediction are right, missing and superfluous.</summary>
internal static class CasePicture
{
    /// <summary>The smallest side of the part that is shown, in pixels of the picture.</summary>
    private const int LeastSide = 72;

    /// <summary>
    /// The target side of the image, in pixels: smaller parts are enlarged, and parts of more than twice the side
    /// reduced.
    /// </summary>
    private const int ShownSide = 320;

    private const double Margin = 0.35;
    private const double Opacity = 0.5;

    // Colours that people with red-green colour blindness can tell apart.
    private static readonly (byte Red, byte Green, byte Blue) Right = (0, 158, 115), Missing = (0, 90, 220), TooMuch = (230, 80, 0);

    /// <summary>The part of the picture around the object, as JPEG.</summary>
    public static byte[] Draw(EvaluationCase one, RgbImage picture)
    {
        PixelBox part = PartOf(one, picture);
        RgbImage shown = picture.Crop(part);
        Paint(shown, one.Truth?.Crop(part), one.Found?.Crop(part));
        int longest = Math.Max(part.Width, part.Height), times = Math.Max(1, ShownSide / longest);
        int step = Math.Max(1, (longest + 2 * ShownSide - 1) / (2 * ShownSide));
        double scale = (double)times / step;
        shown = Resize(shown, times, step);
        IEnumerable<PointMark> points = one.Points
            .Select(p => new PointMark((p.X - part.X) * scale, (p.Y - part.Y) * scale, p.IsForeground))
            .Where(p => p.X >= 0 && p.Y >= 0 && p.X < shown.Width && p.Y < shown.Height);
        BoxMark[] boxes = one.Box is not { } box ? [] :
        [
            new BoxMark(
                (box.Left - part.X) * scale, (box.Top - part.Y) * scale, (box.Right - part.X) * scale, (box.Bottom - part.Y) * scale),
        ];
        Overlay.Paint(shown, [], new OverlayOptions { Points = [.. points], Boxes = boxes });
        return ImageFile.EncodeJpeg(shown, quality: 85);
    }

    private static void Paint(RgbImage picture, BinaryMask? truth, BinaryMask? found)
    {
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                bool isTrue = truth?[x, y] == true, isFound = found?[x, y] == true;
                if (!isTrue && !isFound)
                    continue;
                (byte red, byte green, byte blue) = isTrue && isFound ? Right : isTrue ? Missing : TooMuch;
                Span<byte> pixel = picture.Pixels.AsSpan((y * picture.Width + x) * 3, 3);
                pixel[0] = Blend(pixel[0], red);
                pixel[1] = Blend(pixel[1], green);
                pixel[2] = Blend(pixel[2], blue);
            }
        }
    }

    private static byte Blend(byte below, byte above) => (byte)(below + Opacity * (above - below));

    private static PixelBox PartOf(EvaluationCase one, RgbImage picture)
    {
        PixelBox[] boxes = [.. new[] { one.Truth, one.Found }.OfType<Rle>().Select(mask => mask.Bounds).Where(box => !box.IsEmpty)];
        if (boxes.Length == 0)
            return new PixelBox(0, 0, picture.Width, picture.Height);
        int left = boxes.Min(box => box.X), right = boxes.Max(box => box.Right);
        int top = boxes.Min(box => box.Y), bottom = boxes.Max(box => box.Bottom);
        (int x, int width) = Widen(left, right, picture.Width);
        (int y, int height) = Widen(top, bottom, picture.Height);
        return new PixelBox(x, y, width, height);

        static (int Start, int Length) Widen(int start, int end, int side)
        {
            int length = Math.Min(side, Math.Max(LeastSide, (int)((end - start) * (1 + 2 * Margin))));
            return (Math.Clamp((start + end - length) / 2, 0, side - length), length);
        }
    }

    /// <summary>Repeats each pixel, or takes every n-th one (nearest neighbour).</summary>
    private static RgbImage Resize(RgbImage picture, int times, int step)
    {
        var resized = new RgbImage(Math.Max(1, picture.Width * times / step), Math.Max(1, picture.Height * times / step));
        for (int y = 0; y < resized.Height; y++)
        {
            for (int x = 0; x < resized.Width; x++)
            {
                picture.Pixels.AsSpan((y * step / times * picture.Width + x * step / times) * 3, 3)
                    .CopyTo(resized.Pixels.AsSpan((y * resized.Width + x) * 3, 3));
            }
        }

        return resized;
    }
}
