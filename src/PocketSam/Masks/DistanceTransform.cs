using System.Buffers;
using System.Numerics.Tensors;

namespace PocketSam.Masks;

/// <summary>
/// Exact Euclidean distance from each pixel of a mask to the nearest pixel outside it. Pixels beyond the picture's edge
/// count as outside.
/// </summary>
/// <remarks>
/// Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions" (2012): first the distances <c>g</c> down
/// and up the columns, then for each row the lower envelope of the parabolas <c>(x - q)^2 + g(q)^2</c>. The runs of set
/// pixels in a row are evaluated one by one with the unset pixel on either side, since no parabola reaches past a zero.
/// </remarks>
internal static class DistanceTransform
{
    /// <summary>Squared distances in pixels, <c>[height, width]</c>; 0 outside the mask, 1 at its edge.</summary>
    public static int[] Squared(BinaryMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        int[] squared = new int[mask.Width * mask.Height];
        PixelBox bounds = mask.Bounds;
        if (bounds.IsEmpty)
            return squared;

        int[] columns = ColumnDistances(mask, bounds);
        var envelope = new ParabolaEnvelope(bounds.Width);
        for (int y = bounds.Y; y < bounds.Bottom; y++)
        {
            Span<int> target = squared.AsSpan(y * mask.Width, mask.Width);
            ReadOnlySpan<int> row = ColumnsOf(columns, bounds, y);
            for (int start = mask.NextSet(y, bounds.X); start < bounds.Right;)
            {
                int end = mask.NextClear(y, start);
                envelope.Evaluate(row[(start - bounds.X)..(end - bounds.X)], target[start..end]);
                start = mask.NextSet(y, end);
            }
        }

        ArrayPool<int>.Shared.Return(columns);
        return squared;
    }

    /// <summary>
    /// The pixel of the mask that is farthest from its edge, the
    /// first in row-major order among equals; null for an empty mask.
    /// </summary>
    public static (int X, int Y)? FarthestFromEdge(BinaryMask mask) => FarthestFromEdge(mask, out _);

    /// <summary>
    /// The pixel of the mask that is farthest from its edge, the
    /// first in row-major order among equals; null for an empty mask.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="squaredDistance">Its squared distance in pixels
    /// to the nearest pixel outside; 0 for an empty mask.</param>
    public static (int X, int Y)? FarthestFromEdge(BinaryMask mask, out int squaredDistance)
    {
        ArgumentNullException.ThrowIfNull(mask);
        squaredDistance = 0;
        PixelBox bounds = mask.Bounds;
        if (bounds.IsEmpty)
            return null;

        int[] columns = ColumnDistances(mask, bounds);
        int[] distances = ArrayPool<int>.Shared.Rent(bounds.Width);
        var envelope = new ParabolaEnvelope(bounds.Width);
        (int X, int Y) farthest = default;
        for (int y = bounds.Y; y < bounds.Bottom; y++)
        {
            ReadOnlySpan<int> row = ColumnsOf(columns, bounds, y);
            for (int start = mask.NextSet(y, bounds.X); start < bounds.Right;)
            {
                int end = mask.NextClear(y, start);
                ReadOnlySpan<int> run = row[(start - bounds.X)..(end - bounds.X)];
                start = mask.NextSet(y, end);

                // The limit bounds the distance of every pixel of the
                // run from the edge, along its column and along the row.
                int limit = Math.Min(TensorPrimitives.Max(run), (run.Length + 1) / 2);
                if (limit * limit <= squaredDistance)
                    continue;
                Span<int> found = distances.AsSpan(0, run.Length);
                envelope.Evaluate(run, found);
                int best = TensorPrimitives.IndexOfMax<int>(found);
                if (found[best] > squaredDistance)
                    (squaredDistance, farthest) = (found[best], (end - run.Length + best, y));
            }
        }

        ArrayPool<int>.Shared.Return(distances);
        ArrayPool<int>.Shared.Return(columns);
        return farthest;
    }

    private static Span<int> ColumnsOf(int[] columns, PixelBox bounds, int y)
        => columns.AsSpan((y - bounds.Y) * bounds.Width, bounds.Width);

    // [bounds.Height, bounds.Width], rented: the distance to the nearest unset pixel of the same column.
    private static int[] ColumnDistances(BinaryMask mask, PixelBox bounds)
    {
        int[] columns = ArrayPool<int>.Shared.Rent(bounds.Width * bounds.Height);
        int[] outside = new int[bounds.Width];
        ReadOnlySpan<int> above = outside;
        for (int y = bounds.Y; y < bounds.Bottom; y++)
        {
            Span<int> row = ColumnsOf(columns, bounds, y);
            row.Clear();
            for (int start = mask.NextSet(y, bounds.X); start < bounds.Right;)
            {
                int end = mask.NextClear(y, start);
                Range run = (start - bounds.X)..(end - bounds.X);
                TensorPrimitives.Add(above[run], 1, row[run]);
                start = mask.NextSet(y, end);
            }

            above = row;
        }

        int[] onePastBelow = new int[bounds.Width];
        ReadOnlySpan<int> below = outside;
        for (int y = bounds.Bottom - 1; y >= bounds.Y; y--)
        {
            Span<int> row = ColumnsOf(columns, bounds, y);
            TensorPrimitives.Add(below, 1, onePastBelow);
            TensorPrimitives.Min(row, onePastBelow, row);
            below = row;
        }

        return columns;
    }
}
