using PocketSam.Masks;

namespace PocketSam;

/// <content>Operations on masks, run by run without decoding.</content>
public sealed partial class Rle
{
    /// <summary>The pixels that at least one of two masks has.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static Rle Union(Rle a, Rle b) => Merge(a, b, static (inA, inB) => inA || inB);

    /// <summary>The pixels that both of two masks have.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static Rle Intersect(Rle a, Rle b) => Merge(a, b, static (inA, inB) => inA && inB);

    /// <summary>Intersection over union of two masks, 0 to 1; 0 if both are empty, as in COCO's own tools.</summary>
    /// <param name="a">A mask.</param>
    /// <param name="b">Another mask of the same size.</param>
    /// <param name="crowd">Whether <paramref name="b"/> marks a crowd, of which <paramref name="a"/> may be any part:
    /// COCO then divides by the area of <paramref name="a"/> alone.</param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static double Iou(Rle a, Rle b, bool crowd = false)
    {
        RequireSameSize(a, b);
        long intersection = IntersectionArea(a._counts, b._counts);
        long union = crowd ? a.Area : (long)a.Area + b.Area - intersection;
        return union == 0 ? 0 : (double)intersection / union;
    }

    /// <summary>
    /// Removes small regions: holes smaller than a fraction of the mask are filled, then smaller islands are dropped,
    /// but never the largest one. Pixels that touch at a corner are connected. The time is that of the runs. Returns
    /// this mask if nothing changes.
    /// </summary>
    /// <param name="share">Fraction of the mask's area before the change, 0 to 1; 0 changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public Rle RemoveSmallRegions(double share)
    {
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "a share is 0 to 1");
        return SmallRegions.Remove(this, SmallRegions.MinArea(share, Area)) ?? this;
    }

    /// <summary>
    /// The number of corners in the exact outlines of the mask, over all rings of <see cref="ToPolygons"/> with a
    /// tolerance of 0; computed from the runs.
    /// </summary>
    public long CountCorners()
    {
        // Rows where runs of a column start (even indices) and end (odd indices).
        List<int> previous = [], column = [];
        long corners = 0;
        int x = 0, position = 0;
        for (int i = 0; i < _counts.Length; position += _counts[i++])
        {
            for (int start = position, end = position + _counts[i]; (i & 1) != 0 && start < end;)
            {
                (int at, int y) = Math.DivRem(start, Height);
                for (; x < at; x++)
                {
                    corners += CornersBetween(previous, column);
                    (previous, column) = (column, previous);
                    column.Clear();
                }

                int stop = Math.Min(Height, y + (end - start));
                if (column.Count > 0 && column[^1] == y)
                    column.RemoveAt(column.Count - 1);
                else
                    column.Add(y);
                column.Add(stop);
                start += stop - y;
            }
        }

        return corners + CornersBetween(previous, column) + column.Count;
    }

    /// <summary>
    /// Corners between two columns. A run end in only one column is a corner. Where one column starts and the other
    /// ends, two pixels touch at a corner that outlines pass twice.
    /// </summary>
    private static long CornersBetween(List<int> left, List<int> right)
    {
        long corners = 0;
        int i = 0, j = 0;
        while (i < left.Count && j < right.Count)
        {
            if (left[i] == right[j])
                corners += 2 * ((i++ ^ j++) & 1);
            else if (left[i] < right[j])
                (i, corners) = (i + 1, corners + 1);
            else
                (j, corners) = (j + 1, corners + 1);
        }

        return corners + (left.Count - i) + (right.Count - j);
    }

    private static void RequireSameSize(Rle a, Rle b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Width != b.Width || a.Height != b.Height)
        {
            throw new ArgumentException(
                $"masks differ in size: {a.Width}x{a.Height} and {b.Width}x{b.Height}", nameof(b));
        }
    }

    /// <summary>Number of pixels that two masks of one size share: one step for each run.</summary>
    private static long IntersectionArea(int[] a, int[] b)
    {
        long shared = 0, start = 0, endA = a[0], endB = b[0];
        for (int i = 0, j = 0; i < a.Length && j < b.Length;)
        {
            long end = Math.Min(endA, endB);
            if ((i & j & 1) != 0)
                shared += end - start;
            start = end;
            if (endA == end && ++i < a.Length)
                endA += a[i];
            if (endB == end && ++j < b.Length)
                endB += b[j];
        }

        return shared;
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

    /// <summary>Cuts the picture's pixels wherever either mask changes; no span is empty.</summary>
    private static IEnumerable<(int Length, bool InA, bool InB)> Spans(Rle a, Rle b)
    {
        RequireSameSize(a, b);
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
                    yield break; // both have as many pixels
                int length = Math.Min(restA, restB);
                yield return (length, (i & 1) != 0, (j & 1) != 0);
                restA -= length;
                restB -= length;
            }
        }
    }
}
