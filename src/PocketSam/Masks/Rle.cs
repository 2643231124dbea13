using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// A mask as COCO stores it: pixels in column-major order (down the first column, then down the second ...), as
/// lengths of runs that are unset, set, unset, set and so on. The first run may be empty; so may any other.
/// </summary>
/// <remarks>
/// The compressed string is that of <c>pycocotools</c>: from the fourth run on the difference to the run two before
/// is stored, each number as little-endian groups of 5 bits in two's complement, one character a group: the bits,
/// plus 32 when another group follows, plus 48. In JSON a mask is <c>{"size": [height, width], "counts": ...}</c>;
/// counts are read as that string or as a list of runs, and written as the string unless <see cref="WriteTo"/> is told
/// otherwise.
/// </remarks>
[JsonConverter(typeof(RleJsonConverter))]
public sealed class Rle
{
    private const int BitsPerGroup = 5;
    private const int MaxGroups = 7; // 35 bits hold any difference of two counts of 31 bits
    private const int ValueMask = 0x1f;
    private const int SignBit = 0x10;
    private const int MoreFlag = 0x20;
    private const char FirstCharacter = '0';
    private const char LastCharacter = 'o';

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

    /// <summary>Encodes a mask; its first run is empty when pixel (0, 0) is set, no other is.</summary>
    public static Rle Encode(BinaryMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);

        // Where a run starts, the pixel differs from the one before it in column-major order: the one above, or for
        // the first row the bottom of the column to the left. Whole words of such changes are found at a time, and
        // sorted into columns by counting.
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
    /// Encodes a mask of which only a part is given, outside of which nothing is set: takes the time of that part, whatever
    /// the size of the picture.
    /// </summary>
    /// <param name="part">The pixels of the part.</param>
    /// <param name="area">Where it lies in the picture; of the part's size.</param>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Its rows.</param>
    /// <exception cref="ArgumentException">The area is not of the part's size, or reaches outside of the picture.</exception>
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
            // A run of the part is one of the picture as far as its column goes.
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

    /// <summary>The pixels that at least one of two masks has; runs are merged, not decoded.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static Rle Union(Rle a, Rle b) => Merge(a, b, static (inA, inB) => inA || inB);

    /// <summary>The pixels that both of two masks have; runs are merged, not decoded.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static Rle Intersect(Rle a, Rle b) => Merge(a, b, static (inA, inB) => inA && inB);

    /// <summary>
    /// Intersection over union of two masks, 0 to 1; 0 when both are empty, as in COCO's own tools. Runs are walked
    /// through, not decoded.
    /// </summary>
    /// <param name="a">A mask.</param>
    /// <param name="b">Another of the same picture.</param>
    /// <param name="crowd">
    /// Whether <paramref name="b"/> marks a crowd, of which <paramref name="a"/> may be any part: COCO then divides by
    /// the area of <paramref name="a"/> alone.
    /// </param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static double Iou(Rle a, Rle b, bool crowd = false)
    {
        long intersection = 0, union = 0;
        foreach ((int length, bool inA, bool inB) in Spans(a, b))
        {
            if (inA && inB)
                intersection += length;
            if (inA || (inB && !crowd))
                union += length;
        }

        return union == 0 ? 0 : (double)intersection / union;
    }

    /// <summary>Takes runs as they are, COCO's uncompressed form.</summary>
    /// <param name="counts">Lengths of the runs, unset pixels first.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <exception cref="FormatException">A run is negative, or they do not add up to the picture.</exception>
    public static Rle FromCounts(ReadOnlySpan<int> counts, int height, int width)
    {
        int pixels = CountPixels(height, width);
        int total = 0;
        for (int i = 0; i < counts.Length; i++)
            total = AddRun(total, counts[i], i, pixels);
        CheckTotal(total, pixels);
        return new Rle(height, width, counts.ToArray());
    }

    /// <summary>Reads COCO's compressed string.</summary>
    /// <param name="compressed">The string <c>counts</c> of a COCO segmentation.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <exception cref="FormatException">
    /// A character is not one of the 64 used, a number is cut off or too long, a run is negative, or the runs do not
    /// add up to the picture.
    /// </exception>
    public static Rle FromCompressed(string compressed, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(compressed);
        int pixels = CountPixels(height, width);
        var counts = new List<int>(compressed.Length / 2);
        int total = 0;
        for (int position = 0; position < compressed.Length;)
        {
            long run = ReadNumber(compressed, ref position);
            if (counts.Count > 2)
                run += counts[^2];
            total = AddRun(total, run, counts.Count, pixels);
            counts.Add((int)run);
        }

        CheckTotal(total, pixels);
        return new Rle(height, width, [.. counts]);
    }

    /// <summary>COCO's compressed string, character for character as <c>pycocotools</c> writes it.</summary>
    public string ToCompressed()
    {
        var text = new StringBuilder(2 * _counts.Length);
        for (int i = 0; i < _counts.Length; i++)
        {
            int rest = i > 2 ? _counts[i] - _counts[i - 2] : _counts[i];
            bool more;
            do
            {
                int group = rest & ValueMask;
                rest >>= BitsPerGroup;
                more = rest != ((group & SignBit) != 0 ? -1 : 0);
                text.Append((char)(FirstCharacter + (more ? group | MoreFlag : group)));
            }
            while (more);
        }

        return text.ToString();
    }

    /// <summary>Writes COCO's JSON of the mask, <c>{"size": [height, width], "counts": ...}</c>.</summary>
    /// <param name="writer">Written to.</param>
    /// <param name="compressed">Whether counts are the compressed string, or a list of runs.</param>
    public void WriteTo(Utf8JsonWriter writer, bool compressed = true)
    {
        ArgumentNullException.ThrowIfNull(writer);
        RleJsonConverter.Write(writer, this, compressed);
    }

    /// <summary>The mask itself.</summary>
    public BinaryMask ToMask() => Crop(new PixelBox(0, 0, Width, Height));

    /// <summary>
    /// A part of the mask; takes the time of the runs and that part, whatever the size of the picture.
    /// </summary>
    /// <exception cref="ArgumentException">The box is empty or reaches outside of the picture.</exception>
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
    /// As <see cref="BinaryMask.ToPolygons(double)"/>, in the time of the box around the mask, whatever the size of the
    /// picture.
    /// </summary>
    /// <param name="tolerance">
    /// How far, in pixels, a corner may lie from the simplified border; 0 keeps every corner.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite.</exception>
    public IReadOnlyList<MaskPolygon> ToPolygons(double tolerance = 1)
    {
        PixelBox box = Bounds;
        BinaryMask part = box.IsEmpty ? new BinaryMask(1, 1) : Crop(box);
        return part.ToPolygons(tolerance, new PixelCorner(box.X, box.Y));
    }

    // A run that spans columns is cut at their ends; in each column it starts somewhere and may end before the bottom.
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

    private static Rle Merge(Rle a, Rle b, Func<bool, bool, bool> combine)
    {
        List<int> counts = [0];
        foreach ((int length, bool inA, bool inB) in Spans(a, b))
        {
            bool set = combine(inA, inB);
            if (set == ((counts.Count & 1) == 0))
                counts[^1] += length;
            else
                counts.Add(length);
        }

        return new Rle(a.Height, a.Width, [.. counts]);
    }

    /// <summary>The pixels of a picture cut wherever either mask changes; no span is empty.</summary>
    private static IEnumerable<(int Length, bool InA, bool InB)> Spans(Rle a, Rle b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Width != b.Width || a.Height != b.Height)
        {
            throw new ArgumentException(
                $"masks differ in size: {a.Width}x{a.Height} and {b.Width}x{b.Height}", nameof(b));
        }

        return Walk(a._counts, b._counts);

        static IEnumerable<(int Length, bool InA, bool InB)> Walk(int[] a, int[] b)
        {
            int i = 0, j = 0, restA = a[0], restB = b[0];
            while (true)
            {
                while (restA == 0 && ++i < a.Length)
                    restA = a[i];
                while (restB == 0 && ++j < b.Length)
                    restB = b[j];
                if (i == a.Length)
                    yield break; // both hold as many pixels
                int length = Math.Min(restA, restB);
                yield return (length, (i & 1) != 0, (j & 1) != 0);
                restA -= length;
                restB -= length;
            }
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

    private static long ReadNumber(string text, ref int position)
    {
        int start = position;
        long value = 0;
        for (int shift = 0; shift < MaxGroups * BitsPerGroup; shift += BitsPerGroup)
        {
            if (position == text.Length)
                throw new FormatException($"run-length string: the number at character {start} is cut off");
            char character = text[position];
            if (character is < FirstCharacter or > LastCharacter)
            {
                throw new FormatException(
                    $"run-length string: character {position} is U+{(int)character:X4}, not one of '0' to 'o'");
            }

            position++;
            int group = character - FirstCharacter;
            value |= (long)(group & ValueMask) << shift;
            if ((group & MoreFlag) == 0)
                return (group & SignBit) != 0 ? value | -1L << (shift + BitsPerGroup) : value;
        }

        throw new FormatException(
            $"run-length string: the number at character {start} has more than {MaxGroups} digits");
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
