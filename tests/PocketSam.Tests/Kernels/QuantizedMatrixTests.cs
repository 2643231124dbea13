using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using PocketSam.Kernels.Integers;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

/// <summary>Products of whole numbers against sums of 64 bits: the same bits in every form, on every width.</summary>
[Trait("Category", "Simd")]
public sealed unsafe class QuantizedMatrixTests
{
    /// <summary>Rows around the tile's six and the block's 48, columns around all panels, k around groups.</summary>
    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int, int>();
            for (int n = 1; n <= 70; n++)
                sizes.Add(1 + n * 7 % 20, n, 1 + n * 5 % 23);
            foreach (int m in new[] { 1, 5, 6, 7, 47, 48, 49, 97, 193 })
                sizes.Add(m, 35, 20);
            foreach (int k in new[] { 255, 257, 640, 2304 })
                sizes.Add(7, 37, k);
            sizes.Add(200, 70, 60); // several parts
            sizes.Add(3, 700, 300); // long and thin: cut along the columns
            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_form_of_this_machine_gives_the_exact_sums(int m, int n, int k)
    {
        foreach (int greatest in new[] { 127, IntegerForm.Narrow })
        {
            var product = new Product(m, n, k, greatest: greatest);
            QuantizedMatrix packed = QuantizedMatrix.From(product.Numbers, product.Scales, n, k);
            foreach (bool here in new[] { false, true })
            {
                var c = new Guarded(m * (n + 3));
                var gemm = new Gemm(product.Left.Data, k + 1, packed, c.Data, n + 3, m);
                if (here)
                    gemm.RunHere();
                else
                    gemm.Run();
                product.AssertBits(c.Data, n + 3);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void All_forms_that_run_here_give_the_same_bits(int m, int n, int k)
    {
        var product = new Product(m, n, k);
        product.Check<LanesScalar, Pairs, int>();
        product.Check<Lanes128, Pairs, Vector128<int>>();
        product.Check<Lanes128, SoftQuads, Vector128<int>>();
        product.Check<Lanes128, SoftSignedQuads, Vector128<int>>();
        if (Avx2.IsSupported)
            product.Check<Lanes256, Pairs, Vector256<int>>();
        if (Avx512BW.IsSupported)
            product.Check<Lanes512, Pairs, Vector512<int>>();
        if (AvxVnni.IsSupported)
            product.Check<Lanes256, Quads, Vector256<int>>();
        if (Dp.IsSupported)
            product.Check<Lanes128, SignedQuads, Vector128<int>>();
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void So_do_the_forms_for_narrow_numbers(int m, int n, int k)
    {
        var product = new Product(m, n, k, greatest: IntegerForm.Narrow);
        product.Check<LanesScalar, Pairs, int>();
        if (Ssse3.IsSupported)
            product.Check<Lanes128, NarrowQuads, Vector128<int>>();
        if (Avx2.IsSupported)
            product.Check<Lanes256, NarrowQuads, Vector256<int>>();
        if (Avx512BW.IsSupported)
            product.Check<Lanes512, NarrowQuads, Vector512<int>>();
    }

    [Theory]
    [InlineData(127)]
    [InlineData(65)]
    [InlineData(64)]
    public void Nothing_saturates(int greatest)
    {
        const int M = 7, N = 40, K = 2304;
        float[] left = Enumerable.Repeat(255f, M * K).ToArray();
        sbyte[] numbers = [.. Enumerable.Range(0, N * K).Select(i => (sbyte)(i / K % 2 == 0 ? greatest : -greatest))];
        float[] scales = [.. Enumerable.Repeat(1f, N)];
        Guarded a = Guarded.Rows(left, K, K);
        var c = new Guarded(M * N);
        new Gemm(a.Data, K, QuantizedMatrix.From(numbers, scales, N, K), c.Data, N, M).Run();
        for (int i = 0; i < M * N; i++)
            Assert.Equal((i % N % 2 == 0 ? 1f : -1f) * (255 * greatest * K), c.Data[i]);
    }

    [Fact]
    public void Bias_residual_and_activation_come_after()
    {
        const int M = 13, N = 37, K = 21;
        var product = new Product(M, N, K);
        float[] plain = product.Expected(), bias = Samples.Uniform(N, 7), residual = Samples.Uniform(M * N, 8);
        Guarded b = Guarded.Rows(bias, N, N), r = Guarded.Rows(residual, N, N);
        var c = new Guarded(M * N);
        new Gemm(product.Left.Data, K + 1, QuantizedMatrix.From(product.Numbers, product.Scales, N, K), c.Data, N, M)
        {
            Bias = b.Data, Residual = r.Data, ResidualStride = N, Activation = Activation.Relu,
        }.Run();
        for (int i = 0; i < M * N; i++)
            Assert.Equal(Math.Max(0f, plain[i] + bias[i % N] + residual[i]), c.Data[i]);
    }

    [Fact]
    public void A_product_is_added_to_what_is_there()
    {
        const int M = 9, N = 35, K = 18;
        var product = new Product(M, N, K);
        float[] plain = product.Expected(), before = Samples.Uniform(M * N, 5);
        Guarded c = Guarded.Rows(before, N, N);
        new Gemm(product.Left.Data, K + 1, QuantizedMatrix.From(product.Numbers, product.Scales, N, K), c.Data, N, M) { Accumulate = true }.Run();
        for (int i = 0; i < M * N; i++)
            Assert.Equal(before[i] + plain[i], c.Data[i]);
    }

    [Fact]
    public void Gathered_rows_are_those_of_the_picture_and_zeros()
    {
        const int Taps = 3, Channels = 5, M = 8, N = 20, K = Taps * Channels;
        float[] picture = Samples.Uniform(6 * Channels, 3);
        int[] index = [.. Enumerable.Range(0, Taps * M).Select(i => i * 5 % 7 - 1)];
        float[] gathered = new float[M * K];
        for (int row = 0; row < M; row++)
        {
            for (int tap = 0; tap < Taps; tap++)
            {
                if (index[tap * M + row] is >= 0 and var from)
                    picture.AsSpan(from * Channels, Channels).CopyTo(gathered.AsSpan(row * K + tap * Channels));
            }
        }

        var product = new Product(M, N, K, gathered);
        Guarded left = Guarded.Rows(picture, Channels, Channels);
        var c = new Guarded(M * N);
        fixed (int* places = index)
        {
            new Gemm(null, K, QuantizedMatrix.From(product.Numbers, product.Scales, N, K), c.Data, N, M)
            {
                Left = left.Data, LeftRowStride = Channels, RowIndex = places, Segments = Taps,
            }.Run();
        }

        product.AssertBits(c.Data, N);
    }

    [Theory]
    [InlineData(new[] { 0f, 0f, 0f }, 0f, 0)]
    [InlineData(new[] { 0f, 2.55f }, 0.01f, 0)]
    [InlineData(new[] { -1f, 4.1f }, 0.02f, 50)]
    [InlineData(new[] { -2.55f, -1f }, 0.01f, 255)]
    public void Ranges_hold_zero(float[] row, float scale, int zero)
    {
        Guarded values = Guarded.Rows(row, row.Length, row.Length);
        QuantizedRows.Range(values.Data, row.Length, out float found, out int at);
        Assert.Equal(scale, found, 1e-6f);
        Assert.Equal(zero, at);
    }

    [Fact]
    public void Rows_too_small_for_a_scale_are_zero()
    {
        Guarded values = Guarded.Rows([float.Epsilon, 0f], 2, 2);
        Assert.Equal(0f, QuantizedRows.Range(values.Data, 2, out float scale, out int zero));
        Assert.Equal((0f, 0), (scale, zero));
    }

    [Fact]
    public void More_values_than_32_bits_can_sum_are_refused()
    {
        int k = QuantizedMatrix.MaxK + 1;
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedMatrix.From(new sbyte[k], [1f], 1, k));
    }

    /// <summary>A product and what it must give, computed value by value.</summary>
    private sealed class Product
    {
        private readonly int _m, _n, _k;
        private readonly float[] _left;

        public Product(int m, int n, int k, float[]? left = null, int greatest = 127)
        {
            (_m, _n, _k) = (m, n, k);
            _left = left ?? Samples.Uniform(m * k, 1);
            Left = Guarded.Rows(_left, k, k + 1);
            Numbers = [.. Samples.Uniform(n * k, 2).Select(x => (sbyte)Math.Clamp(MathF.Round(x * (greatest + 3)), -greatest, greatest))];
            Scales = [.. Samples.Uniform(n, 3).Select(x => 0.01f + MathF.Abs(x))];
        }

        public Guarded Left { get; }

        public sbyte[] Numbers { get; }

        public float[] Scales { get; }

        public float[] Expected()
        {
            float[] c = new float[_m * _n];
            for (int row = 0; row < _m; row++)
            {
                ReadOnlySpan<float> values = _left.AsSpan(row * _k, _k);
                float least = 0, greatest = 0;
                foreach (float x in values)
                    (least, greatest) = (Math.Min(least, x), Math.Max(greatest, x));
                float inverse = 255 / (greatest - least), scale = (greatest - least) / 255;
                int zero = (int)MathF.Round(-least * inverse);
                for (int column = 0; column < _n; column++)
                {
                    long sum = 0;
                    for (int i = 0; i < _k; i++)
                        sum += ((int)Math.Clamp(MathF.Round(values[i] * inverse) + zero, 0, 255) - zero) * (long)Numbers[column * _k + i];
                    c[row * _n + column] = (float)(int)sum * scale * Scales[column];
                }
            }

            return c;
        }

        public void Check<L, P, V>() where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
        {
            var c = new Guarded(_m * _n);
            var packed = QuantizedMatrix.From<L, P, V>(Numbers, Scales, _n, _k, isNarrow: false);
            packed.Multiply<L, P, V>(new Gemm(Left.Data, _k + 1, packed, c.Data, _n, _m));
            AssertBits(c.Data, _n);
        }

        public void AssertBits(float* c, int ldc)
        {
            float[] expected = Expected();
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(BitConverter.SingleToInt32Bits(expected[i]), BitConverter.SingleToInt32Bits(c[i / _n * ldc + i % _n]));
        }
    }

    /// <summary>Four bytes without the hardware's instruction for them: what AVX-VNNI computes.</summary>
    private readonly struct SoftQuads : IIntegerProducts<Vector128<int>>
    {
        public static int Group => 4;

        public static int Offset => 0;

        public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> left, Vector128<int> right)
            => Sum(sum, left, right, isSigned: false);

        public static Vector128<int> Sum(Vector128<int> sum, Vector128<int> left, Vector128<int> right, bool isSigned)
        {
            for (int lane = 0; lane < 4; lane++)
            {
                for (int shift = 0; shift < 32; shift += 8)
                {
                    int a = isSigned ? (sbyte)(left[lane] >> shift) : (byte)(left[lane] >> shift);
                    sum = sum.WithElement(lane, sum[lane] + a * (sbyte)(right[lane] >> shift));
                }
            }

            return sum;
        }
    }

    /// <summary>The same with both sides signed: what ARM's dot product computes.</summary>
    private readonly struct SoftSignedQuads : IIntegerProducts<Vector128<int>>
    {
        public static int Group => 4;

        public static int Offset => 128;

        public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> left, Vector128<int> right)
            => SoftQuads.Sum(sum, left, right, isSigned: true);
    }
}
