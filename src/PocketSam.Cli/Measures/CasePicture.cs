using PocketSam.Imaging;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>A case as a picture: what was found rightly, what is missing, what is too much.</summary>
internal static class CasePicture
{
    private const int LeastSide = 224;
    private const int MostSide = 640;
    private const double Margin = 0.35;
    private const double Opacity = 0.5;

    // Told apart by eyes that do not tell red from green, too.
    private static readonly (byte Red, byte Green, byte Blue) Right = (0, 158, 115), Missing = (0, 90, 220), TooMuch = (230, 80, 0);

    /// <summary>The part of the picture around the object, as JPEG.</summary>
    public static byte[] Draw(EvaluationCase one, RgbImage picture)
    {
        Paint(picture, one);
        IEnumerable<PointMark> points = one.Points.Select(point => new PointMark(point.X, point.Y, point.IsForeground));
        Overlay.Paint(picture, [], new OverlayOptions { Points = [.. points] });
        return ImageFile.EncodeJpeg(Shrink(picture.Crop(PartOf(one, picture))), quality: 85);
    }

    private static void Paint(RgbImage picture, EvaluationCase one)
    {
        BinaryMask? truth = one.Truth?.ToMask(), found = one.Found?.ToMask();
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

    /// <summary>Every so many pixels: good enough to look at.</summary>
    private static RgbImage Shrink(RgbImage picture)
    {
        int step = (Math.Max(picture.Width, picture.Height) + MostSide - 1) / MostSide;
        if (step == 1)
            return picture;
        var small = new RgbImage(picture.Width / step, picture.Height / step);
        for (int y = 0; y < small.Height; y++)
        {
            for (int x = 0; x < small.Width; x++)
            {
                picture.Pixels.AsSpan((y * step * picture.Width + x * step) * 3, 3)
                    .CopyTo(small.Pixels.AsSpan((y * small.Width + x) * 3, 3));
            }
        }

        return small;
    }
}
