using PocketSam.Kernels.Ops;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class RelativeAttentionKernelTests
{
    /// <summary>Single rounding of scores up to about 6 and of weighted sums of values up to 1.</summary>
    private const double Tolerance = 5e-6;

    /// <summary>Windows, heads, height, width, values of a head.</summary>
    public static TheoryData<int, int, int, int, int> Shapes => new()
    {
        { 1, 1, 1, 1, 1 },
        { 2, 2, 3, 4, 5 },
        { 3, 1, 7, 7, 33 },
        { 1, 2, 14, 14, 16 },
        { 1, 1, 1, 300, 4 }, // a row longer than a tile of keys
        { 1, 2, 21, 17, 40 }, // several blocks of queries, several tiles of keys, a tile that is not full
        { 2, 1, 200, 1, 3 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Equals_the_definition(int windows, int heads, int height, int width, int dim)
    {
        int area = height * width, inner = heads * dim;

        // Every fifth place lies beyond the edge; tokens come in another order than places.
        int[] places = new int[windows * area];
        int count = 0;
        for (int i = places.Length - 1; i >= 0; i--)
            places[i] = places.Length > 1 && i % 5 == 3 ? -1 : count++;
        float[] qkv = Samples.Uniform(count * 3 * inner, 1), beyond = Samples.Uniform(3 * inner, 2);
        float[] tableH = Samples.Uniform((2 * height - 1) * dim, 3), tableW = Samples.Uniform((2 * width - 1) * dim, 4);
        double[] expected = new double[count * inner];
        for (int w = 0; w < windows; w++)
        {
            for (int h = 0; h < heads; h++)
            {
                for (int i = 0; i < area; i++)
                {
                    int token = places[w * area + i];
                    if (token < 0)
                        continue;
                    ReadOnlySpan<float> q = Part(token, 0, h);
                    double[] scores = new double[area];
                    for (int j = 0; j < area; j++)
                    {
                        ReadOnlySpan<float> k = Part(places[w * area + j], 1, h);
                        int dy = i / width - j / width + height - 1, dx = i % width - j % width + width - 1;
                        for (int c = 0; c < dim; c++)
                        {
                            scores[j] += q[c] * (k[c] / Math.Sqrt(dim) + tableH[dy * dim + c] + (double)tableW[dx * dim + c]);
                        }
                    }

                    double[] p = Reference.Softmax(scores);
                    for (int j = 0; j < area; j++)
                    {
                        ReadOnlySpan<float> v = Part(places[w * area + j], 2, h);
                        for (int c = 0; c < dim; c++)
                            expected[token * inner + h * dim + c] += p[j] * v[c];
                    }
                }
            }
        }

        Guarded x = Guarded.From(qkv), b = Guarded.From(beyond), th = Guarded.From(tableH), tw = Guarded.From(tableW);
        var y = new Guarded(expected.Length);
        fixed (int* tokens = places)
        {
            var kernel = new RelativeAttentionKernel
            {
                Windows = windows,
                Height = height,
                Width = width,
                Heads = heads,
                Dim = dim,
                Tokens = tokens,
                Qkv = x.Data,
                Beyond = b.Data,
                TableH = th.Data,
                TableW = tw.Data,
                Output = y.Data,
            };
            var memory = new Guarded((int)kernel.MemoryCount);
            kernel.Memory = memory.Data;
            kernel.Forward();
            y.AssertEquals(expected, Tolerance * Math.Sqrt(dim), "output");
            memory.AssertEquals([.. memory.Span.ToArray().Select(v => (double)v)], 0, "memory");
        }

        ReadOnlySpan<float> Part(int token, int part, int head)
            => (token < 0 ? beyond : qkv.AsSpan(token * 3 * inner)).Slice(part * inner + head * dim, dim);
    }

    [Fact]
    public void Large_scores_stay_finite()
    {
        // The first tile of keys scores far below the last.
        const int Height = 40, Width = 16, Dim = 4;
        int[] places = [.. Enumerable.Range(0, Height * Width)];
        float[] qkv = new float[places.Length * 3 * Dim];
        for (int i = 0; i < places.Length; i++)
        {
            for (int c = 0; c < Dim; c++)
            {
                qkv[i * 3 * Dim + c] = 30;
                qkv[i * 3 * Dim + Dim + c] = i / Width - Height / 2;
                qkv[i * 3 * Dim + 2 * Dim + c] = i;
            }
        }

        float[] tables = new float[(2 * Height - 1) * Dim], output = new float[places.Length * Dim];
        fixed (int* tokens = places)
        fixed (float* x = qkv, t = tables, y = output)
        {
            var kernel = new RelativeAttentionKernel
            {
                Windows = 1, Height = Height, Width = Width, Heads = 1, Dim = Dim,
                Tokens = tokens, Qkv = x, Beyond = t, TableH = t, TableW = t, Output = y,
            };
            fixed (float* memory = new float[kernel.MemoryCount])
            {
                kernel.Memory = memory;
                kernel.Forward();
            }
        }

        // All weight on the last row of keys.
        float last = (Height - 1) * Width + (Width - 1) / 2f;
        Assert.All(output, value => Assert.Equal(last, value, 1e-2f));
    }
}
