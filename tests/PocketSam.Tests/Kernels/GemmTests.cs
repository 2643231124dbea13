using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class GemmTests
{
    /// <summary>The approximation of Phi and the rounding of sums up to about 30 before it.</summary>
    private const double SmoothTolerance = 2e-5;

    /// <summary>Rows around the tile's six, columns around all panels, and k around a block of it.</summary>
    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int, int>();
            for (int n = 1; n <= 70; n++)
                sizes.Add(1 + n * 7 % 20, n, 1 + n * 5 % 23);
            for (int m = 1; m <= 20; m++)
                sizes.Add(m, 33, 9);
            foreach (int m in new[] { 95, 96, 97, 193 })
                sizes.Add(m, 35, 20);
            foreach (int k in new[] { 255, 256, 257, 300, 512, 513, 700 })
                sizes.Add(7, 37, k);
            sizes.Add(200, 70, 60); // several parts
            sizes.Add(3, 700, 300); // long and thin: cut along the columns
            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Strided_operands_give_the_product(int m, int n, int k)
    {
        float[] a = Samples.Integers(m * k, 1), b = Samples.Integers(k * n, 2);
        double[] expected = Reference.Product(a, b, m, n, k);
        int ldc = n + 3;
        for (int form = 0; form < 4; form++)
        {
            bool turnA = (form & 1) != 0, turnB = (form & 2) != 0;
            Guarded left = turnA ? Guarded.Rows(Reference.Transpose(a, m, k), m, m + 5) : Guarded.Rows(a, k, k + 5);
            Guarded right = turnB ? Guarded.Rows(Reference.Transpose(b, k, n), k, k + 7) : Guarded.Rows(b, n, n + 7);
            foreach (bool here in new[] { false, true })
            {
                var c = new Guarded(m * ldc);
                var gemm = new Gemm(
                    left.Data, turnA ? 1 : k + 5, turnA ? m + 5 : 1, right.Data, turnB ? 1 : n + 7, turnB ? k + 7 : 1,
                    c.Data, ldc, m, n, k);
                if (here)
                    gemm.RunHere();
                else
                    gemm.Run();
                c.AssertRows(expected, n, ldc, 0, $"transposed {turnA}, {turnB}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Packed_operands_give_the_product(int m, int n, int k)
    {
        float[] a = Samples.Integers(m * k, 3), b = Samples.Integers(k * n, 4);
        double[] expected = Reference.Product(a, b, m, n, k);
        Guarded left = Guarded.Rows(a, k, k + 1), rows = Guarded.Rows(b, n, n + 1);
        Guarded columns = Guarded.Rows(Reference.Transpose(b, k, n), k, k + 2);
        PackedMatrix[] packed =
        [
            PackedMatrix.From(rows.Data, n + 1, 1, k, n),
            PackedMatrix.From(columns.Data, 1, k + 2, k, n),
            new PackedMatrix(k, n),
        ];
        packed[2].Fill(rows.Data, n + 1, 1);
        foreach (PackedMatrix matrix in packed)
        {
            var c = new Guarded(m * n);
            new Gemm(left.Data, k + 1, matrix, c.Data, n, m).Run();
            c.AssertEquals(expected, 0, "packed");
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Accumulating_adds_the_product(int m, int n, int k)
    {
        float[] a = Samples.Integers(m * k, 5), b = Samples.Integers(k * n, 6), before = Samples.Integers(m * n, 7);
        double[] expected = Reference.Product(a, b, m, n, k);
        for (int i = 0; i < expected.Length; i++)
            expected[i] += before[i];
        Guarded left = Guarded.From(a), right = Guarded.From(b), c = Guarded.Rows(before, n, n + 1);
        new Gemm(left.Data, k, 1, right.Data, n, 1, c.Data, n + 1, m, n, k) { Accumulate = true }.Run();
        c.AssertRows(expected, n, n + 1, 0, "strided");

        c = Guarded.Rows(before, n, n + 1);
        new Gemm(left.Data, k, PackedMatrix.From(right.Data, n, 1, k, n), c.Data, n + 1, m) { Accumulate = true }.Run();
        c.AssertRows(expected, n, n + 1, 0, "packed");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_epilogue_adds_bias_and_residual_and_activates(int m, int n, int k)
    {
        float[] a = Samples.Integers(m * k, 8), b = Samples.Integers(k * n, 9);
        float[] bias = Samples.Integers(n, 10), residual = Samples.Integers(m * n, 11);
        double[] product = Reference.Product(a, b, m, n, k);
        Guarded left = Guarded.From(a), right = Guarded.From(b), shift = Guarded.From(bias);
        Guarded rest = Guarded.Rows(residual, n, n + 2);
        PackedMatrix packed = PackedMatrix.From(right.Data, n, 1, k, n);
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            for (int form = 0; form < 8; form++)
            {
                bool withBias = (form & 1) != 0, withResidual = (form & 2) != 0, last = (form & 4) != 0;
                double[] expected = new double[m * n];
                for (int i = 0; i < expected.Length; i++)
                {
                    double x = product[i] + (withBias ? bias[i % n] : 0) + (withResidual && !last ? residual[i] : 0);
                    expected[i] = activation switch
                    {
                        Activation.Relu => Reference.Relu(x),
                        Activation.Gelu => Reference.Gelu(x),
                        Activation.Silu => Reference.Silu(x),
                        Activation.QuickGelu => Reference.QuickGelu(x),
                        _ => x,
                    } + (withResidual && last ? residual[i] : 0);
                }

                var c = new Guarded(m * n);
                new Gemm(left.Data, k, packed, c.Data, n, m)
                {
                    Bias = withBias ? shift.Data : null,
                    Residual = withResidual ? rest.Data : null,
                    ResidualStride = n + 2,
                    AddsResidualLast = last,
                    Activation = activation,
                }.Run();
                double tolerance = activation is Activation.Gelu or Activation.Silu or Activation.QuickGelu ? SmoothTolerance : 0;
                c.AssertEquals(expected, tolerance, $"{activation}, bias {withBias}, residual {withResidual}, last {last}");
            }
        }
    }

    [Theory]
    [InlineData(1, 5, 1, 1)]
    [InlineData(13, 19, 9, 5)]
    [InlineData(100, 33, 9, 16)]
    [InlineData(7, 40, 3, 257)]
    [InlineData(6, 64, 2, 256)]
    [InlineData(200, 70, 4, 33)]
    public void Gathered_rows_give_the_product(int m, int n, int segments, int length)
    {
        const int SourceRows = 11;
        int stride = length + 3, k = segments * length;
        float[] source = Samples.Integers(SourceRows * length, 12), b = Samples.Integers(k * n, 13);
        int[] index = GC.AllocateArray<int>(segments * m, pinned: true);
        var random = new Random(14);
        for (int i = 0; i < index.Length; i++)
            index[i] = random.Next(-3, SourceRows); // any negative number stands for a row of zeros

        float[] a = new float[m * k];
        for (int row = 0; row < m; row++)
            for (int s = 0; s < segments; s++)
                if (index[s * m + row] >= 0)
                    source.AsSpan(index[s * m + row] * length, length).CopyTo(a.AsSpan(row * k + s * length));
        double[] expected = Reference.Product(a, b, m, n, k);

        Guarded left = Guarded.Rows(source, length, stride), right = Guarded.From(b);
        var c = new Guarded(m * n);
        new Gemm(left.Data, stride, PackedMatrix.From(right.Data, n, 1, k, n), c.Data, n, m)
        {
            RowIndex = (int*)Unsafe.AsPointer(ref index[0]),
            Segments = segments,
        }.Run();
        c.AssertEquals(expected, 0, "packed");

        c = new Guarded(m * n);
        new Gemm(left.Data, stride, 1, right.Data, n, 1, c.Data, n, m, n, k)
        {
            RowIndex = (int*)Unsafe.AsPointer(ref index[0]),
            Segments = segments,
        }.Run();
        c.AssertEquals(expected, 0, "strided");
        GC.KeepAlive(index);
    }

    [Fact]
    public void Nothing_is_written_where_there_are_no_rows_or_columns()
    {
        var c = new Guarded(4);
        Guarded a = Guarded.From(new float[4]), b = Guarded.From(new float[4]);
        new Gemm(a.Data, 2, 1, b.Data, 2, 1, c.Data, 2, 0, 2, 2).Run();
        new Gemm(a.Data, 2, 1, b.Data, 2, 1, c.Data, 2, 2, 0, 2).Run();
        c.AssertEquals([double.NaN, double.NaN, double.NaN, double.NaN], 0, "untouched");
    }
}
