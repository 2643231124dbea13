using PocketSam.Kernels.Ops;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class AttentionKernelTests
{
    /// <summary>Single rounding of scores up to about 6 and of weighted sums of values up to 1.</summary>
    private const double Tolerance = 5e-6;

    public static TheoryData<int, int, int, int, int, int, bool> Shapes => new()
    {
        // batch, heads, queries, keys, values of a key, values of a value, biased
        { 1, 1, 1, 1, 1, 1, false },
        { 1, 2, 3, 5, 4, 4, false },
        { 2, 2, 5, 3, 4, 7, false },
        { 3, 2, 16, 16, 16, 16, true },
        { 2, 3, 17, 17, 5, 6, true },
        { 1, 2, 7, 70, 16, 16, false },
        { 1, 2, 70, 7, 16, 33, true },
        { 5, 2, 49, 49, 32, 32, true }, // several parts
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_and_backward_equal_the_definition(
        int batch, int heads, int queries, int keys, int keyDim, int valueDim, bool biased)
    {
        float scale = 1f / MathF.Sqrt(keyDim);

        // Heads lie side by side in a row with a gap after each, so that what is read or written there shows.
        var q = new Operand(1, batch, queries, heads, keyDim);
        var k = new Operand(2, batch, keys, heads, keyDim);
        var v = new Operand(3, batch, keys, heads, valueDim);
        var d = new Operand(4, batch, queries, heads, valueDim);
        float[] biases = Samples.Uniform(heads * queries * keys, 5);
        double[] weights = new double[batch * heads * queries * keys], dBias = new double[biases.Length];
        double[] output = d.Nothing(), dq = q.Nothing(), dk = k.Nothing(), dv = v.Nothing();
        for (int b = 0; b < batch; b++)
        {
            for (int h = 0; h < heads; h++)
            {
                for (int i = 0; i < queries; i++)
                {
                    double[] scores = new double[keys], dp = new double[keys];
                    for (int j = 0; j < keys; j++)
                    {
                        for (int c = 0; c < keyDim; c++)
                            scores[j] += scale * (double)q[b, i, h, c] * k[b, j, h, c];
                        scores[j] += biased ? biases[(h * queries + i) * keys + j] : 0;
                    }

                    double[] p = Reference.Softmax(scores);
                    p.CopyTo(weights, ((b * heads + h) * queries + i) * keys);
                    for (int j = 0; j < keys; j++)
                    {
                        for (int c = 0; c < valueDim; c++)
                        {
                            output[d.At(b, i, h, c)] += p[j] * v[b, j, h, c];
                            dv[v.At(b, j, h, c)] += p[j] * d[b, i, h, c];
                            dp[j] += (double)d[b, i, h, c] * v[b, j, h, c];
                        }
                    }

                    double[] ds = Reference.SoftmaxGradient(p, dp);
                    for (int j = 0; j < keys; j++)
                    {
                        dBias[(h * queries + i) * keys + j] += ds[j];
                        for (int c = 0; c < keyDim; c++)
                        {
                            dq[q.At(b, i, h, c)] += scale * ds[j] * k[b, j, h, c];
                            dk[k.At(b, j, h, c)] += scale * ds[j] * q[b, i, h, c];
                        }
                    }
                }
            }
        }

        Guarded bias = Guarded.From(biases), p0 = new(weights.Length), y = new(output.Length);
        var kernel = new AttentionKernel
        {
            Batch = batch,
            Heads = heads,
            Queries = queries,
            Keys = keys,
            KeyDim = keyDim,
            ValueDim = valueDim,
            Scale = scale,
            Q = q.Of(q.Values),
            K = k.Of(k.Values),
            V = v.Of(v.Values),
            Output = d.Of(y),
            Bias = biased ? bias.Data : null,
        };
        kernel.Forward();
        y.AssertEquals(output, Tolerance, "without keeping the weights");

        y = new Guarded(output.Length);
        kernel.Output = d.Of(y);
        kernel.Weights = p0.Data;
        kernel.Forward();
        y.AssertEquals(output, Tolerance, "output");
        p0.AssertEquals(weights, Tolerance, "weights");

        Guarded gq = new(dq.Length), gk = new(dk.Length), gv = new(dv.Length), gb = Guarded.From(biases);
        kernel.Output = d.Of(d.Values);
        kernel.Backward(gq.Data, gk.Data, gv.Data, biased ? gb.Data : null);
        gq.AssertEquals(dq, Tolerance, "queries");
        gk.AssertEquals(dk, Tolerance, "keys");
        gv.AssertEquals(dv, Tolerance * Math.Sqrt(queries), "values");
        if (biased)
            gb.AssertEquals([.. dBias.Select((g, i) => g + biases[i])], Tolerance * batch, "bias, added");
    }

    /// <summary>An operand whose heads and rows have gaps between them.</summary>
    private sealed class Operand
    {
        private const int HeadGap = 3;
        private const int RowGap = 2;
        private const int BatchGap = 5;

        private readonly int _batch;
        private readonly int _row;
        private readonly int _head;
        private readonly bool[] _used;

        public Operand(int seed, int batch, int rows, int heads, int dim)
        {
            _head = dim + HeadGap;
            _row = heads * _head + RowGap;
            _batch = rows * _row + BatchGap;
            _used = new bool[batch * _batch];
            float[] values = Samples.Uniform(_used.Length, seed);
            for (int b = 0; b < batch; b++)
                for (int n = 0; n < rows; n++)
                    for (int h = 0; h < heads; h++)
                        for (int c = 0; c < dim; c++)
                            _used[At(b, n, h, c)] = true;
            Values = new Guarded(values.Length);
            for (int i = 0; i < values.Length; i++)
                Values.Span[i] = _used[i] ? values[i] : float.NaN;
        }

        public Guarded Values { get; }

        public float this[int b, int n, int h, int c] => Values.Span[At(b, n, h, c)];

        public int At(int b, int n, int h, int c) => b * _batch + n * _row + h * _head + c;

        /// <summary>Zero where the operand has values, NaN in its gaps.</summary>
        public double[] Nothing() => [.. _used.Select(used => used ? 0 : double.NaN)];

        public AttentionKernel.Operand Of(Guarded memory) => new(memory.Data, _batch, _row, _head);
    }
}
