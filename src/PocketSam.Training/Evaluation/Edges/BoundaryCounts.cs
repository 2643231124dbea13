using PocketSam.Kernels;

namespace PocketSam.Training.Evaluation.Edges;

/// <summary>
/// Counts of matched boundary pixels of a picture at each threshold (BSDS500's benchmark,
/// <c>evaluation_bdry_image</c>).
/// </summary>
internal sealed class BoundaryCounts
{
    /// <summary>The number of thresholds, which are 0.01 to 0.99.</summary>
    public const int Thresholds = 99;

    /// <summary>The largest distance of a matched pair, as a fraction of the picture's diagonal.</summary>
    public const double MaxDistance = 0.0075;

    /// <summary>Matched pixels of the ground truth, summed over annotators.</summary>
    public long[] Recalled { get; } = new long[Thresholds];

    /// <summary>Pixels of the ground truth, summed over annotators.</summary>
    public long[] Marked { get; } = new long[Thresholds];

    /// <summary>Detected pixels that match the boundary of any annotator.</summary>
    public long[] Right { get; } = new long[Thresholds];

    /// <summary>Detected pixels.</summary>
    public long[] Found { get; } = new long[Thresholds];

    /// <summary>The threshold with an index.</summary>
    public static double ThresholdOf(int place) => (place + 1) / (double)(Thresholds + 1);

    /// <summary>Compares an edge map with the boundaries of the annotators.</summary>
    /// <param name="map">Edge strengths, 0 to 1.</param>
    /// <param name="truths">The boundaries of each annotator, at the map's size.</param>
    /// <param name="cancellation">Checked between thresholds.</param>
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

    /// <summary>Adds the counts of another picture.</summary>
    public void Add(BoundaryCounts other)
    {
        for (int t = 0; t < Thresholds; t++)
            Add(t, other, t);
    }

    /// <summary>
    /// Adds the counts of threshold <paramref name="from"/> of a picture to threshold <paramref name="to"/>.
    /// </summary>
    public void Add(int to, BoundaryCounts other, int from)
    {
        Recalled[to] += other.Recalled[from];
        Marked[to] += other.Marked[from];
        Right[to] += other.Right[from];
        Found[to] += other.Found[from];
    }

    /// <summary>Recall, 0 to 1; 0 without ground truth.</summary>
    public double Recall(int place) => Marked[place] == 0 ? 0 : (double)Recalled[place] / Marked[place];

    /// <summary>Precision, 0 to 1; 0 without detected pixels.</summary>
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
