using PocketSam.Kernels.Products;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class ColumnSumsTests
{
    public static TheoryData<int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int>();
            for (int columns = 1; columns <= 70; columns++)
                shapes.Add(1 + columns % 5, columns);
            shapes.Add(5000, 19); // several parts
            shapes.Add(2, 40_000); // more parts than rows would be too many
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Add_adds_the_sum_of_each_column(int rows, int columns)
    {
        float[] values = Samples.Integers(rows * columns, 1), before = Samples.Integers(columns, 2);
        double[] expected = Reference.ColumnSums(values, rows, columns);
        for (int c = 0; c < columns; c++)
            expected[c] += before[c];
        Guarded x = Guarded.From(values), target = Guarded.From(before);
        ColumnSums.Add(x.Data, rows, columns, target.Data);
        target.AssertEquals(expected, 0, "sums");
    }

    [Fact]
    public void Parts_cover_every_row_once()
    {
        for (int parts = 1; parts <= 16; parts++)
        {
            float[] total = new float[53];
            ColumnSums.Reduce(53, parts, 53, total, (start, end, sums) =>
            {
                for (int row = start; row < end; row++)
                    sums[row] += 1f;
            });
            Assert.All(total, v => Assert.Equal(1f, v));
        }
    }
}
