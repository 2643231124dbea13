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
}
