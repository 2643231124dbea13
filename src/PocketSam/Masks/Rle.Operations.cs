using PocketSam.Masks;

namespace PocketSam;

/// <content>Masks together: runs are walked through, not decoded.</content>
public sealed partial class Rle
{
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
        RequireSameSize(a, b);
        long intersection = IntersectionArea(a._counts, b._counts);
        long union = crowd ? a.Area : (long)a.Area + b.Area - intersection;
        return union == 0 ? 0 : (double)intersection / union;
    }

    /// <summary>
    /// The mask without specks: holes that are smaller than a share of it are filled, then islands that are smaller are
    /// dropped, but never the largest; pixels that touch at a corner are one region. Takes the time of the runs. Itself where
    /// there are none.
    /// </summary>
    /// <param name="share">Of the mask's area as it is, 0 to 1; 0 keeps all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    public Rle RemoveSmallRegions(double share)
    {
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "a share is 0 to 1");
        return SmallRegions.Remove(this, SmallRegions.MinArea(share, Area)) ?? this;
    }

    /// <summary>
    /// Corners of the exact outlines of the mask, as <see cref="ToPolygons"/> with a tolerance of 0 gives them in all rings
    /// together; told from the runs, without drawing anything.
    /// </summary>
    public long CountCorners()
    {
        // Rows at which runs of a column begin (even places) and end (odd ones).
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
    /// An end that one of two columns has is a corner; where one column begins and the other ends, two pixels touch at a
    /// corner that their outlines pass twice.
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

    /// <summary>Pixels that two masks of one size share: one step for each run that ends.</summary>
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

    /// <summary>The pixels of a picture cut wherever either mask changes; no span is empty.</summary>
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
                    yield break; // both hold as many pixels
                int length = Math.Min(restA, restB);
                yield return (length, (i & 1) != 0, (j & 1) != 0);
                restA -= length;
                restB -= length;
            }
        }
    }
}
