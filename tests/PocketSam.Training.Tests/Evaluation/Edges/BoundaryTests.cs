using PocketSam.Training.Evaluation.Edges;

namespace PocketSam.Training.Tests.Evaluation.Edges;

public sealed class BoundaryTests
{
    [Fact]
    public void As_many_pixels_are_paired_as_can_be()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 300; trial++)
        {
            int width = random.Next(1, 12), height = random.Next(1, 12);
            double reach = random.NextDouble() * 3;
            (int X, int Y)[] first = Draw(), second = Draw();

            int[] partners = BoundaryMatching.Match(first, second, width, height, reach);

            Assert.Equal(NaiveLargest(first, second, reach), partners.Count(partner => partner >= 0));
            int[] used = [.. partners.Where(partner => partner >= 0)];
            Assert.Equal(used.Length, used.Distinct().Count());
            for (int i = 0; i < first.Length; i++)
                Assert.True(partners[i] < 0 || Distance(first[i], second[partners[i]]) <= reach);

            (int, int)[] Draw()
            {
                double share = random.NextDouble();
                return [.. Enumerable.Range(0, width * height).Where(_ => random.NextDouble() < share).Select(i => (i % width, i / width))];
            }
        }
    }

    [Fact]
    public void The_nearest_partner_is_given_up_where_another_pixel_has_no_other()
    {
        // 1 is nearest to 2 but 3 can only have 2; so 1 takes 0.
        int[] partners = BoundaryMatching.Match([(1, 0), (3, 0)], [(2, 0), (0, 0)], width: 6, height: 1, maxDistance: 1);
        Assert.Equal([1, 0], partners);
    }

    [Fact]
    public void A_long_line_that_is_shifted_is_paired_whole()
    {
        (int X, int Y)[] line = [.. Enumerable.Range(0, 20_000).Select(x => (x, 0))];
        (int X, int Y)[] shifted = [.. Enumerable.Range(1, 19_999).Select(x => (x, 0))];
        Assert.Equal(19_999, BoundaryMatching.Match(line, shifted, 20_000, 1, maxDistance: 1.5).Count(partner => partner >= 0));
    }

    [Fact]
    public void Lines_are_thinned_to_one_pixel_and_ends_stay()
    {
        BinaryMask bar = MatFileTests.Map(".........", ".#######.", ".#######.", ".#######.", ".........");
        BinaryMask thin = Thinning.Thin(bar);
        Assert.InRange(thin.Area, 4, 7);
        Assert.Equal(thin.Bounds.Width, thin.Area);
        Assert.Equal(1, thin.Bounds.Height);
        BinaryMask line = MatFileTests.Map("......", ".####.", "......");
        Assert.True(Thinning.Thin(line).ContentEquals(line));
        // A ring stays a ring.
        BinaryMask ring = MatFileTests.Map("#####", "#...#", "#...#", "#####");
        Assert.Equal(10, Thinning.Thin(ring).Area);
        Assert.False(Thinning.Thin(ring)[2, 2]);
    }

    [Fact]
    public void Counts_are_those_worked_out_by_hand()
    {
        // 1000 x 1: pairs may be 7.5 pixels apart. Two annotators; found with strength 0.8, 0.8 and 0.3.
        var first = new BinaryMask(1000, 1);
        var second = new BinaryMask(1000, 1);
        first[100, 0] = first[300, 0] = true;
        second[100, 0] = true;
        float[] strengths = new float[1000];
        strengths[107] = 0.8f; // right by both
        strengths[500] = 0.8f; // wrong
        strengths[308] = 0.3f; // a pixel too far
        var counts = BoundaryCounts.Of(new EdgeMap(1000, 1, strengths), [first, second], TestContext.Current.CancellationToken);

        (int high, int low, int top) = (79 - 1, 29 - 1, 98);
        Assert.Equal((2, 3, 1, 2), (counts.Recalled[high], counts.Marked[high], counts.Right[high], counts.Found[high]));
        Assert.Equal((2, 3, 1, 3), (counts.Recalled[low], counts.Marked[low], counts.Right[low], counts.Found[low]));
        Assert.Equal((0, 3, 0, 0), (counts.Recalled[top], counts.Marked[top], counts.Right[top], counts.Found[top]));
        Assert.Equal(2 / 3.0, counts.Recall(high));
        Assert.Equal(1 / 2.0, counts.Precision(high));
        Assert.Equal(0, counts.Precision(top));
    }

    [Fact]
    public void Scores_are_those_worked_out_by_hand()
    {
        // Precision 0.25 and recall 1 up to the threshold 0.5, then 1 and 0.5.
        BoundaryCounts one = Counts(t => BoundaryCounts.ThresholdOf(t) <= 0.5 ? (4, 4, 1, 4) : (2, 4, 2, 2));
        var scores = BoundaryScores.Of([one]);
        // Between the two thresholds, a share d from the first: P = 0.25 + 0.75 d, R = 1 - 0.5 d.
        double best = Enumerable.Range(0, 100).Max(i => BoundaryCounts.F(0.25 + 0.75 * i / 99, 1 - 0.5 * i / 99));
        Assert.Equal(best, scores.Ods, 12);
        Assert.Equal(2.0 / 3, scores.Ois, 12);
        // Nothing below the recall 0.5, then from 1 down to 0.25: 51 places of mean 0.625.
        Assert.Equal(51 * 0.625 * 0.01, scores.Ap, 12);
        // The precision 0.5 lies a third on the way from (0.25, 1) to (1, 0.5).
        Assert.Equal(1 - 0.5 / 3, scores.R50!.Value, 12);
    }

    [Fact]
    public void Each_picture_has_its_own_threshold_in_ois()
    {
        BoundaryCounts low = Counts(t => t < 20 ? (10, 10, 10, 10) : (0, 10, 0, 0));
        BoundaryCounts high = Counts(t => t < 20 ? (10, 10, 10, 40) : (10, 10, 10, 10));
        Assert.Equal(1, BoundaryScores.Of([low, high]).Ois, 12);
        Assert.InRange(BoundaryScores.Of([low, high]).Ods, 0.5, 0.99);
    }

    [Fact]
    public void Nothing_found_is_nothing()
    {
        var scores = BoundaryScores.Of([Counts(_ => (0, 5, 0, 0))]);
        Assert.Equal((0, 0, 0, null), (scores.Ods, scores.Ois, scores.Ap, scores.R50));
    }

    [Fact]
    public void What_is_strongest_across_its_direction_stays()
    {
        // A ridge down the middle column; the gradient lies across it.
        float[] strengths = [0.2f, 0.9f, 0.3f, 0.2f, 0.8f, 0.3f, 0.2f, 0.7f, 0.3f];
        var across = Enumerable.Repeat((1f, 0f), 9).ToArray();
        Assert.Equal([0, 0.9f, 0, 0, 0.8f, 0, 0, 0.7f, 0], new EdgeMap(3, 3, strengths).Suppress(across).Strengths);
        var none = new (float, float)[9];
        Assert.All(new EdgeMap(3, 3, strengths).Suppress(none).Strengths, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Sobel_is_exact_on_a_ramp()
    {
        float[] ramp = [.. Enumerable.Range(0, 25).Select(i => 2f * (i % 5) + 3f * (i / 5))];
        Assert.Equal((16f, 24f), EdgeDetector.Sobel(ramp, 5, 5, 2, 2));
    }

    private static BoundaryCounts Counts(Func<int, (int Recalled, int Marked, int Right, int Found)> of)
    {
        var counts = new BoundaryCounts();
        for (int t = 0; t < BoundaryCounts.Thresholds; t++)
            (counts.Recalled[t], counts.Marked[t], counts.Right[t], counts.Found[t]) = of(t);
        return counts;
    }

    private static double Distance((int X, int Y) a, (int X, int Y) b) => Math.Sqrt(Math.Pow(a.X - b.X, 2) + Math.Pow(a.Y - b.Y, 2));

    /// <summary>One augmenting path after the other, by depth.</summary>
    private static int NaiveLargest((int X, int Y)[] first, (int X, int Y)[] second, double reach)
    {
        int[] owner = [.. Enumerable.Repeat(-1, second.Length)];
        return first.Indices().Count(i => Try(i, []));

        bool Try(int i, HashSet<int> seen)
        {
            for (int j = 0; j < second.Length; j++)
            {
                if (Distance(first[i], second[j]) <= reach && seen.Add(j) && (owner[j] < 0 || Try(owner[j], seen)))
                {
                    owner[j] = i;
                    return true;
                }
            }

            return false;
        }
    }
}

file static class Sequences
{
    public static IEnumerable<int> Indices<T>(this IReadOnlyCollection<T> items) => Enumerable.Range(0, items.Count);
}
