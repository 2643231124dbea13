using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

/// <summary>Each fused operation equals the operations it is made of, one after the other.</summary>
[Trait("Category", "Simd")]
[Collection(ThreadCounts.Name)]
public sealed class FusedOpsTests
{
    /// <summary>Of the largest value: sums in another order.</summary>
    private const float Tolerance = 1e-5f;

    [Theory]
    [InlineData(1, 8, 8, 3, 8, 16)]
    [InlineData(2, 70, 22, 3, 5, 9)] // several bands, odd channels, two pictures
    [InlineData(1, 9, 7, 3, 16, 32)] // odd sides
    [InlineData(1, 1, 1, 3, 8, 8)]
    public void Stem(int batch, int height, int width, int channels, int middle, int outChannels)
    {
        Tensor x = Samples.Tensor(1, batch, height, width, channels);
        BiasedWeight first = Layer(2, middle, 3, 3, channels), second = Layer(3, outChannels, 3, 3, middle);
        AssertEqual(
            () => Convolve(Convolve(x, first, 2).Gelu(), second, 2),
            () => FusedOps.Stem(x, first, second));
    }

    [Theory]
    [InlineData(1, 8, 8, 16, 64, 16, 1, true)]
    [InlineData(2, 70, 9, 5, 20, 5, 1, true)] // several bands, odd channels, two pictures
    [InlineData(1, 5, 300, 8, 128, 12, 1, false)] // several stretches of a row
    [InlineData(1, 5, 301, 8, 128, 12, 2, false)]
    [InlineData(2, 67, 13, 7, 21, 33, 2, false)]
    [InlineData(1, 1, 1, 8, 32, 8, 1, true)]
    [InlineData(1, 2, 2, 8, 32, 8, 2, false)]
    public void MbConv(int batch, int height, int width, int channels, int hidden, int outChannels, int stride, bool residual)
    {
        Tensor x = Samples.Tensor(1, batch, height, width, channels);
        BiasedWeight expand = Layer(2, hidden, 1, 1, channels), project = Layer(4, outChannels, 1, 1, hidden);
        BiasedWeight depthwise = new(Samples.Weight(3, 3, 3, hidden), Samples.Weight(5, hidden));
        AssertEqual(
            () =>
            {
                Tensor y = Convolve(x, expand, 1).Gelu().DepthwiseConv2d(depthwise.Weight, stride);
                y = Convolve(y.AddRepeated(depthwise.Bias.Value).Gelu(), project, 1);
                return residual ? y.Add(x).Gelu() : y;
            },
            () => FusedOps.MbConv(x, expand, depthwise, project, stride, residual));
    }

    [Theory]
    [InlineData(1, 8, 8, 32, 2, 4)]
    [InlineData(2, 9, 11, 24, 3, 4)] // windows hang over both edges
    [InlineData(1, 14, 14, 64, 2, 7)] // 49 tokens
    [InlineData(1, 5, 6, 40, 2, 14)] // one window larger than the map
    [InlineData(3, 7, 30, 10, 2, 3)] // heads of five values
    [InlineData(1, 28, 28, 96, 3, 14)] // several parts
    public void WindowAttention(int batch, int height, int width, int channels, int heads, int window)
    {
        const float Epsilon = 1e-5f;
        int area = window * window, row = AttentionHead.BiasRowOf(area);
        Tensor x = Samples.Tensor(1, batch, height, width, channels);
        BiasedWeight norm = new(Samples.Weight(2, channels), Samples.Weight(3, channels));
        BiasedWeight qkv = Layer(4, 3 * channels, channels), projection = Layer(6, channels, channels);
        Tensor table = Samples.Tensor(8, heads, area * area), bias = Tensor.Zeros(heads, area, row);
        bias.Span.Fill(AttentionHead.Excluded);
        for (int h = 0; h < heads; h++)
        {
            for (int i = 0; i < area * area; i++)
                bias.Span[(h * area + i / area) * row + i % area] = VectorMath.Log2E * table.Span[h * area * area + i];
        }

        AssertEqual(
            () =>
            {
                var (gather, scatter) = Windows(batch, height, width, window);
                Tensor y = x.GatherRows(gather, unique: true, gather.Length / area, area, channels)
                    .LayerNorm(norm.Weight.Value, norm.Bias.Value, Epsilon).Linear(qkv.Weight, qkv.Bias);
                y = AttentionOps.Windowed(y, heads, table, [.. Enumerable.Range(0, area * area)]);
                y = y.GatherRows(scatter, unique: true, batch, height, width, channels);
                return y.Linear(projection.Weight, projection.Bias).Add(x);
            },
            () => FusedOps.WindowAttention(x, norm, Epsilon, qkv, bias, projection, heads, window));
    }

    [Theory]
    [InlineData(1, 8, 8, 16, 64)]
    [InlineData(2, 13, 31, 21, 50)] // several stretches, cut within rows and pictures
    [InlineData(1, 1, 1, 16, 64)]
    [InlineData(1, 1, 500, 8, 32)]
    public void LocalMlp(int batch, int height, int width, int channels, int hidden)
    {
        const float Epsilon = 1e-5f;
        Tensor x = Samples.Tensor(1, batch, height, width, channels);
        BiasedWeight depthwise = new(Samples.Weight(2, 3, 3, channels), Samples.Weight(3, channels));
        BiasedWeight norm = new(Samples.Weight(4, channels), Samples.Weight(5, channels));
        BiasedWeight up = Layer(6, hidden, channels), down = Layer(8, channels, hidden);
        AssertEqual(
            () =>
            {
                Tensor z = x.DepthwiseConv2d(depthwise.Weight, 1).AddRepeated(depthwise.Bias.Value);
                Tensor y = z.LayerNorm(norm.Weight.Value, norm.Bias.Value, Epsilon);
                return y.Linear(up.Weight, up.Bias).Gelu().Linear(down.Weight, down.Bias).Add(z);
            },
            () => FusedOps.LocalMlp(x, depthwise, norm, Epsilon, up, down));
    }

    private static BiasedWeight Layer(int seed, params int[] shape)
    {
        // Of the size of trained ones, so that activations neither vanish nor grow.
        Weight weight = Samples.Weight(seed, shape);
        float scale = 1.7f / MathF.Sqrt(weight.Value.Count / shape[0]);
        foreach (ref float v in weight.Value.Span)
            v *= scale;
        return new BiasedWeight(weight, Samples.Weight(seed + 100, shape[0]));
    }

    private static Tensor Convolve(Tensor x, BiasedWeight layer, int stride)
        => x.Conv2d(layer.Weight, null, stride, layer.Weight.Value.Shape[1] / 2).AddRepeated(layer.Bias.Value);

    /// <summary>Tokens of all windows, -1 beyond the edge, and the place of each token.</summary>
    private static (int[] Gather, int[] Scatter) Windows(int batch, int height, int width, int window)
    {
        List<int> gather = [];
        int[] scatter = new int[batch * height * width];
        for (int b = 0; b < batch; b++)
        {
            for (int top = 0; top < height; top += window)
            {
                for (int left = 0; left < width; left += window)
                {
                    for (int i = 0; i < window * window; i++)
                    {
                        int y = top + i / window, x = left + i % window, token = (b * height + y) * width + x;
                        if (y < height && x < width)
                            scatter[token] = gather.Count;
                        gather.Add(y < height && x < width ? token : -1);
                    }
                }
            }
        }

        return ([.. gather], scatter);
    }

    /// <summary>Equal, and the same bits for any number of threads.</summary>
    private static void AssertEqual(Func<Tensor> composed, Func<Tensor> fused)
    {
        using Tape tape = Tape.Inference();
        Tensor expected = composed();
        float largest = expected.Span.ToArray().Max(MathF.Abs);
        Tensor actual = fused();
        Assert.Equal(expected.Shape, actual.Shape);
        for (int i = 0; i < expected.Count; i++)
            Assert.Equal(expected.Span[i], actual.Span[i], Tolerance * largest);
        ThreadCounts.AssertSameBits(() => fused().Span.ToArray(), "fused");
    }
}
