using PocketSam.Kernels;

namespace PocketSam.Training.Evaluation.Edges;

/// <summary>Boundary pixels of a picture that were found, at each threshold (BSDS500's benchmark, <c>evaluation_bdry_image</c>).</summary>
internal sealed class BoundaryCounts
{
    /// <summary>Thresholds 0.01 to 0.99.</summary>
    public const int Thresholds = 99;

    /// <summary>Distance of a pair over the picture's diagonal.</summary>
    public const double MaxDistance = 0.0075;

    /// <summary>Marked pixels that were found, summed over annotators.</summary>
    public long[] Recalled { get; } = new long[Thresholds];

    /// <summary>Marked pixels.</summary>
    public long[] Marked { get; } = new long[Thresholds];

    /// <summary>Found pixels that any annotator marked.</summary>
    public long[] Right { get; } = new long[Thresholds];

    /// <summary>Found pixels.</summary>
    public long[] Found { get; } = new long[Thresholds];

    /// <summary>The threshold of a place.</summary>
    public static double ThresholdOf(int place) => (place + 1) / (double)(Thresholds + 1);

    /// <summary>Compares a map with what people marked.</summary>
    /// <param name="map">Edges, 0 to 1.</param>
    /// <param name="truths">The boundaries of each annotator, of the map's size.</param>
    /// <param name="cancellation">Looked at between thresholds.</param>
    public static BoundaryCounts Of(EdgeMap map, IReadOnlyList<BinaryMask> truths, CancellationToken cancellation)
    {
        var counts = new BoundaryCounts();
        double reach = MaxDistance * Math.Sqrt((double)map.Width * map.Width + (double)map.Height * map.Height);
        List<(int X, int Y)>[] marked = [.. truths.Select(Pixels)];
        Workers.For(Thresholds, t =>
        {
            if (cancellation.IsCancellationRequested)
                return;
            List<(int X, int Y)> found = Pixels(Thinning.Thin(map.AtLeast(ThresholdOf(t))));
            var right = new bool[found.Count];
            foreach (List<(int X, int Y)> truth in marked)
            {
                int[] partners = BoundaryMatching.Match(found, truth, map.Width, map.Height, reach);
                for (int i = 0; i < partners.Length; i++)
                {
                    if (partners[i] < 0)
                        continue;
                    counts.Recalled[t]++;
                    right[i] = true;
                }

                counts.Marked[t] += truth.Count;
            }

            counts.Found[t] = found.Count;
            counts.Right[t] = right.Count(flag => flag);
        });
        cancellation.ThrowIfCancellationRequested();
        return counts;
    }

    /// <summary>Adds the counts of a picture.</summary>
    public void Add(BoundaryCounts other)
    {
        for (int t = 0; t < Thresholds; t++)
            Add(t, other, t);
    }

    /// <summary>Adds the counts of one threshold of a picture to those of one of the sum.</summary>
    public void Add(int to, BoundaryCounts other, int from)
    {
        Recalled[to] += other.Recalled[from];
        Marked[to] += other.Marked[from];
        Right[to] += other.Right[from];
        Found[to] += other.Found[from];
    }

    /// <summary>Share of marked pixels that were found; 0 where nothing is marked.</summary>
    public double Recall(int place) => Marked[place] == 0 ? 0 : (double)Recalled[place] / Marked[place];

    /// <summary>Share of found pixels that are marked; 0 where nothing is found.</summary>
    public double Precision(int place) => Found[place] == 0 ? 0 : (double)Right[place] / Found[place];

    /// <summary>The harmonic mean of precision and recall.</summary>
    public static double F(double precision, double recall)
        => precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);

    private static List<(int X, int Y)> Pixels(BinaryMask mask)
    {
        List<(int, int)> pixels = [];
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = mask.NextSet(y, 0); x < mask.Width; x = mask.NextSet(y, x + 1))
                pixels.Add((x, y));
        }

        return pixels;
    }
}
