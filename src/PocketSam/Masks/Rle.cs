using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using PocketSam.Masks;

namespace PocketSam;

/// <summary>
/// A mask as COCO stores it: pixels in column-major order (down the first column, then down the second ...), as lengths
/// of runs that are alternately unset and set, starting with unset. The first run may be empty; so may any other.
/// </summary>
/// <remarks>
/// The compressed string is that of <c>pycocotools</c>: from the fourth run on, the difference to
/// the run two before is stored. Each number is a series of little-endian groups of 5 bits in two's
/// complement, one character a group: the bits, plus 32 if another group follows, plus 48. In JSON
/// a mask is <c>{"size": [height, width], "counts": ...}</c>; counts are read as that string or as
/// a list of runs, and written as the string unless <see cref="WriteTo"/> is asked for the list.
/// </remarks>
[JsonConverter(typeof(RleJsonConverter))]
public sealed partial class Rle
{
    private readonly int[] _counts;

    private Rle(int height, int width, int[] counts)
    {
        Height = height;
        Width = width;
        _counts = counts;
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>The lengths of the runs, unset pixels first; they add up to <c>Height * Width</c>.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Number of pixels set.</summary>
    public int Area
    {
        get
        {
            int area = 0;
            for (int i = 1; i < _counts.Length; i += 2)
                area += _counts[i];
            return area;
        }
    }

    /// <summary>The smallest box that holds every pixel set; all zeros for an empty mask.</summary>
    public PixelBox Bounds
    {
        get
        {
            int left = Width, right = 0, top = Height, bottom = 0, position = 0;
            for (int i = 0; i < _counts.Length; position += _counts[i++])
            {
                if ((i & 1) == 0 || _counts[i] == 0)
                    continue;
                (int firstX, int firstY) = Math.DivRem(position, Height);
                (int lastX, int lastY) = Math.DivRem(position + _counts[i] - 1, Height);
                left = Math.Min(left, firstX);
                right = lastX + 1;
                top = Math.Min(top, firstX == lastX ? firstY : 0);
                bottom = Math.Max(bottom, firstX == lastX ? lastY + 1 : Height);
            }

            return right == 0 ? default : new PixelBox(left, top, right - left, bottom - top);
        }
    }

    /// <summary>Encodes a mask. The first run is empty if pixel (0, 0) is set; no other run is.</summary>
    public static Rle Encode(BinaryMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);

        // Where a run starts, the pixel differs from its predecessor in column-major order: the one above, or for the
        // first row the bottom of the column to the left. Whole words of such changes are found at a time, and
        // distributed to columns by a counting sort.
        ulong[] firstRow = ChangesOfFirstRow(mask);
        int[] next = new int[mask.Width + 1];
        for (int y = 0; y < mask.Height; y++)
        {
            for (int i = 0; i < firstRow.Length; i++)
            {
                for (ulong changes = Changes(mask, firstRow, y, i); changes != 0; changes &= changes - 1)
                    next[i * 64 + BitOperations.TrailingZeroCount(changes) + 1]++;
            }
        }

        for (int x = 0; x < mask.Width; x++)
            next[x + 1] += next[x];

        int[] counts = new int[next[mask.Width] + 1];
        for (int y = 0; y < mask.Height; y++)
        {
            for (int i = 0; i < firstRow.Length; i++)
            {
                for (ulong changes = Changes(mask, firstRow, y, i); changes != 0; changes &= changes - 1)
                {
                    int x = i * 64 + BitOperations.TrailingZeroCount(changes);
                    counts[next[x]++] = x * mask.Height + y;
                }
            }
        }

        counts[^1] = mask.Height * mask.Width;
        for (int i = counts.Length - 1; i > 0; i--)
            counts[i] -= counts[i - 1];
        return new Rle(mask.Height, mask.Width, counts);
    }

    /// <summary>
    /// Encodes a mask of which only a part is given; the rest is unset. The time is that of the part, whatever the size
    /// of the picture.
    /// </summary>
    /// <param name="part">The pixels of the part.</param>
    /// <param name="area">The place of the part in the picture; has the part's size.</param>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <exception cref="ArgumentException">The area has another size
    /// than the part, or reaches outside the picture.</exception>
    public static Rle FromCrop(BinaryMask part, PixelBox area, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(part);
        int pixels = CountPixels(height, width);
        if (area.Width != part.Width || area.Height != part.Height)
        {
            throw new ArgumentException(
                $"a part of {part.Width}x{part.Height} is not an area of {area.Width}x{area.Height}", nameof(area));
        }

        area.RequireInside(width, height);
        List<int> counts = [];
        int[] inner = Encode(part)._counts;
        int position = 0, end = 0;
        for (int i = 0; i < inner.Length; position += inner[i++])
        {
            // A run of the part is cut at the ends of its columns.
            for (int from = position, to = position + inner[i]; (i & 1) != 0 && from < to;)
            {
                (int x, int y) = Math.DivRem(from, part.Height);
                int length = Math.Min(to - from, part.Height - y), start = (area.X + x) * height + area.Y + y;
                if (counts.Count > 0 && start == end)
                {
                    counts[^1] += length;
                }
                else
                {
                    counts.Add(start - end);
                    counts.Add(length);
                }

                end = start + length;
                from += length;
            }
        }

        if (counts.Count == 0 || end < pixels)
            counts.Add(pixels - end);
        return new Rle(height, width, [.. counts]);
    }

    /// <summary>A mask from runs, COCO's uncompressed form.</summary>
    /// <param name="counts">Lengths of the runs, unset pixels first.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <exception cref="FormatException">A run is negative, or the runs do not add up to the picture.</exception>
    public static Rle FromCounts(ReadOnlySpan<int> counts, int height, int width)
    {
        int pixels = CountPixels(height, width);
        int total = 0;
        for (int i = 0; i < counts.Length; i++)
            total = AddRun(total, counts[i], i, pixels);
        CheckTotal(total, pixels);
        return new Rle(height, width, counts.ToArray());
    }

    /// <summary>Writes COCO's JSON of the mask, <c>{"size": [height, width], "counts": ...}</c>.</summary>
    /// <param name="writer">Receives the object.</param>
    /// <param name="compressed">Whether to write counts as the compressed string rather than as a list of runs.</param>
    public void WriteTo(Utf8JsonWriter writer, bool compressed = true)
    {
        ArgumentNullException.ThrowIfNull(writer);
        RleJson.Of(this, compressed).WriteTo(writer);
    }

    /// <summary>Decodes the mask.</summary>
    public BinaryMask ToMask() => Crop(new PixelBox(0, 0, Width, Height));

    /// <summary>
    /// Decodes a part of the mask; the time is that of the runs and of the part, whatever the size of the picture.
    /// </summary>
    /// <exception cref="ArgumentException">The box is empty or reaches outside the picture.</exception>
    public BinaryMask Crop(PixelBox box)
    {
        box.RequireInside(Width, Height);
        var mask = new BinaryMask(box.Width, box.Height);
        int position = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            if ((i & 1) != 0)
                FlipEnds(mask, box, position, position + _counts[i]);
            position += _counts[i];
        }

        mask.AccumulateRows();
        return mask;
    }

    /// <summary>
    /// <see cref="BinaryMask.ToPolygons(double)"/> in the time of the
    /// box around the mask, whatever the size of the picture.
    /// </summary>
    /// <param name="tolerance">Distance in pixels from the simplified border within which a corner may be left out; 0
    /// keeps every corner.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite.</exception>
    public IReadOnlyList<MaskPolygon> ToPolygons(double tolerance = 1)
    {
        PixelBox box = Bounds;
        BinaryMask part = box.IsEmpty ? new BinaryMask(1, 1) : Crop(box);
        return part.ToPolygons(tolerance, new PixelCorner(box.X, box.Y));
    }

    // A run is cut at the ends of its columns; in each column it starts somewhere and may end before the bottom.
    private void FlipEnds(BinaryMask mask, PixelBox box, int start, int end)
    {
        start = Math.Max(start, box.X * Height);
        end = Math.Min(end, box.Right * Height);
        while (start < end)
        {
            (int x, int y) = Math.DivRem(start, Height);
            int stop = Math.Min(Height, y + (end - start));
            int first = Math.Max(y - box.Y, 0), past = stop - box.Y;
            if (first < box.Height && past > 0)
            {
                mask.Flip(x - box.X, first);
                if (past < box.Height)
                    mask.Flip(x - box.X, past);
            }

            start += stop - y;
        }
    }

    private static ulong Changes(BinaryMask mask, ulong[] firstRow, int y, int i)
        => y == 0 ? firstRow[i] : mask.Row(y)[i] ^ mask.Row(y - 1)[i];

    private static ulong[] ChangesOfFirstRow(BinaryMask mask)
    {
        ReadOnlySpan<ulong> top = mask.Row(0);
        ReadOnlySpan<ulong> bottom = mask.Row(mask.Height - 1);
        ulong[] changes = new ulong[top.Length];
        ulong carry = 0;
        for (int i = 0; i < changes.Length; i++)
        {
            changes[i] = top[i] ^ (bottom[i] << 1 | carry);
            carry = bottom[i] >> 63;
        }

        changes[^1] &= ~0ul >> (63 - ((mask.Width - 1) & 63));
        return changes;
    }

    private static int CountPixels(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, int.MaxValue, nameof(width));
        return height * width;
    }

    private static int AddRun(int total, long run, int index, int pixels)
    {
        if (run < 0)
            throw new FormatException($"run-length encoding: run {index} is negative ({run})");
        if (run > pixels - total)
        {
            throw new FormatException(
                $"run-length encoding: runs 0 to {index} add up to {total + run}, "
                + $"more than the picture's {pixels} pixels");
        }

        return total + (int)run;
    }

    private static void CheckTotal(int total, int pixels)
    {
        if (total != pixels)
        {
            throw new FormatException(
                $"run-length encoding: the runs add up to {total}, not to the picture's {pixels} pixels");
        }
    }
}
