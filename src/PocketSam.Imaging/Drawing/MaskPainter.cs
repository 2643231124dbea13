namespace PocketSam.Imaging.Drawing;

/// <summary>Blends masks into a picture, each with an outline inside its edge.</summary>
internal sealed class MaskPainter
{
    private readonly RgbImage _canvas;
    private readonly int _coverage;
    private readonly int _outlineWidth;

    // For each pixel of the current mask, its city-block distance in pixels to the nearest pixel outside, capped at the
    // outline's width plus one; 0 outside. All zero between masks.
    private readonly byte[] _depth;

    /// <param name="canvas">The picture to paint on.</param>
    /// <param name="opacity">Opacity of the fill, 0 to 1.</param>
    /// <param name="outlineWidth">Width of the outline in pixels, 0 to 254.</param>
    public MaskPainter(RgbImage canvas, double opacity, int outlineWidth)
    {
        _canvas = canvas;
        _coverage = (int)Math.Round(256 * opacity);
        _outlineWidth = outlineWidth;
        _depth = new byte[checked(canvas.Width * canvas.Height)];
    }

    public void Paint(BinaryMask mask, (byte Red, byte Green, byte Blue) color) => Paint(Fill(mask), color);

    public void Paint(Rle mask, (byte Red, byte Green, byte Blue) color) => Paint(Fill(mask), color);

    private void Paint(
        (int Left, int Top, int Right, int Bottom) area, (byte Red, byte Green, byte Blue) color)
    {
        (int left, int top, int right, int bottom) = area;
        MeasureFromTopLeft(left, top, right, bottom);
        MeasureFromBottomRight(left, top, right, bottom);

        int width = _canvas.Width;
        byte[] pixels = _canvas.Pixels;
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                int at = y * width + x;
                int depth = _depth[at];
                _depth[at] = 0;
                if (depth == 0)
                    continue;
                int coverage = depth <= _outlineWidth ? 256 : _coverage;
                pixels[3 * at] = Blend(pixels[3 * at], color.Red, coverage);
                pixels[3 * at + 1] = Blend(pixels[3 * at + 1], color.Green, coverage);
                pixels[3 * at + 2] = Blend(pixels[3 * at + 2], color.Blue, coverage);
            }
        }
    }

    /// <summary>Sets all pixels of the mask to the greatest depth, and returns their bounds, all inclusive.</summary>
    private (int Left, int Top, int Right, int Bottom) Fill(BinaryMask mask)
    {
        int width = mask.Width;
        int left = width, top = mask.Height, right = -1, bottom = -1;
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (!mask[x, y])
                    continue;
                _depth[y * width + x] = (byte)(_outlineWidth + 1);
                left = Math.Min(left, x);
                right = Math.Max(right, x);
                top = Math.Min(top, y);
                bottom = y;
            }
        }

        return (left, top, right, bottom);
    }

    private (int Left, int Top, int Right, int Bottom) Fill(Rle mask)
    {
        int width = mask.Width, x = 0, y = 0;
        for (int i = 0; i < mask.Counts.Length; i++)
        {
            // Runs go down the columns, left to right.
            for (int rest = mask.Counts[i]; rest > 0;)
            {
                int length = Math.Min(rest, mask.Height - y);
                for (int row = y; (i & 1) != 0 && row < y + length; row++)
                    _depth[row * width + x] = (byte)(_outlineWidth + 1);
                rest -= length;
                y += length;
                if (y == mask.Height)
                    (x, y) = (x + 1, 0);
            }
        }

        PixelBox box = mask.Bounds;
        return (box.X, box.Y, box.Right - 1, box.Bottom - 1);
    }

    // The edge of the picture is not an edge of the mask: beyond it, the depth counts as unlimited.
    private void MeasureFromTopLeft(int left, int top, int right, int bottom)
    {
        int width = _canvas.Width;
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                int at = y * width + x;
                int above = y > 0 ? _depth[at - width] : byte.MaxValue;
                int before = x > 0 ? _depth[at - 1] : byte.MaxValue;
                _depth[at] = (byte)Math.Min(_depth[at], Math.Min(above, before) + 1);
            }
        }
    }

    private void MeasureFromBottomRight(int left, int top, int right, int bottom)
    {
        int width = _canvas.Width;
        for (int y = bottom; y >= top; y--)
        {
            for (int x = right; x >= left; x--)
            {
                int at = y * width + x;
                int below = y + 1 < _canvas.Height ? _depth[at + width] : byte.MaxValue;
                int after = x + 1 < width ? _depth[at + 1] : byte.MaxValue;
                _depth[at] = (byte)Math.Min(_depth[at], Math.Min(below, after) + 1);
            }
        }
    }

    private static byte Blend(int under, int over, int coverage)
        => (byte)((under * (256 - coverage) + over * coverage + 128) >> 8);
}
