using PocketSam.Kernels.Products;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class TransposedProductTests
{
    /// <summary>Around tiles of six and twelve, panels, blocks of C and of k, and stretches of k.</summary>
    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int, int>();
            for (int m = 1; m <= 26; m++)
                sizes.Add(m, 1 + m * 7 % 20, 1 + m * 5 % 23);
            foreach (int n in new[] { 1, 15, 16, 17, 31, 32, 33, 64, 70 })
                sizes.Add(13, n, 9);
            foreach (int k in new[] { 191, 192, 193, 400, 1023, 1024, 5000 })
                sizes.Add(31, 37, k);
            sizes.Add(400, 36, 40); // several blocks
            sizes.Add(20, 700, 40);
            sizes.Add(200, 330, 1100); // and stretches
            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Gives_the_product_and_the_sums(int m, int n, int k)
    {
        float[] a = Samples.Integers(k * m, 1), b = Samples.Integers(k * n, 2);
        float[] before = Samples.Integers(m * n, 3), sumsBefore = Samples.Integers(m, 4);
        double[] product = Reference.Product(Reference.Transpose(a, k, m), b, m, n, k);
        Guarded left = Guarded.Rows(a, m, m + 5), right = Guarded.Rows(b, n, n + 3);
        double[] expectedSums = [.. Enumerable.Range(0, m).Select(i =>
            sumsBefore[i] + Enumerable.Range(0, k).Sum(row => (double)a[row * m + i]))];
        for (int form = 0; form < 8; form++)
        {
            bool here = (form & 1) != 0, accumulate = (form & 2) != 0, withSums = (form & 4) != 0;
            Guarded c = Guarded.Rows(before, n, n + 2), sums = Guarded.From(sumsBefore);
            var kernel = new TransposedProduct(left.Data, m + 5, right.Data, n + 3, c.Data, n + 2, m, n, k)
            {
                Accumulate = accumulate,
                Sums = withSums ? sums.Data : null,
            };
            if (here)
                kernel.RunHere();
            else
                kernel.Run();
            double[] expected = [.. product.Select((p, i) => p + (accumulate ? before[i] : 0))];
            c.AssertRows(expected, n, n + 2, 0, $"here {here}, accumulate {accumulate}, sums {withSums}");
            if (withSums)
                sums.AssertEquals(expectedSums, 0, "sums");
        }
    }

    [Fact]
    public void Nothing_is_written_where_there_are_no_rows_or_columns()
    {
        var c = new Guarded(4);
        Guarded a = Guarded.From(new float[4]), b = Guarded.From(new float[4]);
        new TransposedProduct(a.Data, 2, b.Data, 2, c.Data, 2, 0, 2, 2).Run();
        new TransposedProduct(a.Data, 2, b.Data, 2, c.Data, 2, 2, 0, 2).Run();
        c.AssertEquals([double.NaN, double.NaN, double.NaN, double.NaN], 0, "untouched");
    }
}
