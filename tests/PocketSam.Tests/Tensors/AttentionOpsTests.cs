using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class AttentionOpsTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 4)]
    [InlineData(2, 3, 5, 2, 4)]
    [InlineData(2, 18, 7, 3, 5)]
    [InlineData(1, 4, 35, 2, 17)]
    public void MultiHead_has_the_gradient_of_its_values(int batch, int queries, int keys, int heads, int dim)
    {
        Tensor q = Samples.Tensor(1, batch, queries, heads * dim);
        Tensor k = Samples.Tensor(2, batch, keys, heads * dim);
        Tensor v = Samples.Tensor(3, batch, keys, heads * dim);
        if (keys > 1)
            GradientCheck.Of([q, k, v], () => AttentionOps.MultiHead(q, k, v, heads));
        else
            GradientCheck.Of([v], () => AttentionOps.MultiHead(q, k, v, heads)); // one key: nothing to choose from
    }

    [Fact]
    public void MultiHead_of_one_tensor_gets_three_gradients()
    {
        Tensor x = Samples.Tensor(1, 2, 6, 8);
        GradientCheck.Of([x], () => AttentionOps.MultiHead(x, x, x, heads: 2));
    }

    [Theory]
    [InlineData(1, 2, 1, 3)]
    [InlineData(3, 3, 2, 4)]
    [InlineData(2, 5, 3, 2)]
    public void Windowed_has_the_gradient_of_its_values(int windows, int window, int heads, int dim)
    {
        int n = window * window;
        int[] index = new int[n * n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                index[i * n + j] = Math.Abs(i / window - j / window) * window + Math.Abs(i % window - j % window);
        Tensor qkv = Samples.Tensor(1, windows, n, heads * 3 * dim), table = Samples.Tensor(2, heads, n);
        GradientCheck.Of([qkv, table], () => AttentionOps.Windowed(qkv, heads, table, index));
    }

    [Theory]
    [InlineData(1, 1, 1, 3)]
    [InlineData(2, 7, 2, 5)]
    [InlineData(1, 40, 3, 16)]
    [InlineData(1, 800, 1, 33)] // two stretches of queries
    public void SelfAttention_equals_multi_head_attention_and_has_the_gradient_of_its_values(int batch, int n, int heads, int dim)
    {
        int inner = heads * dim;
        Tensor qkv = Samples.Tensor(1, batch, n, 3 * inner);
        var parts = new Tensor[3];
        for (int p = 0; p < 3; p++)
        {
            parts[p] = Tensor.Zeros(batch, n, inner);
            for (int row = 0; row < batch * n; row++)
                qkv.Span.Slice((row * 3 + p) * inner, inner).CopyTo(parts[p].Span[(row * inner)..]);
        }

        using (Tape.Inference())
        {
            float[] expected = AttentionOps.MultiHead(parts[0], parts[1], parts[2], heads).Span.ToArray();
            float[] actual = qkv.SelfAttention(heads).Span.ToArray();
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-5f);
        }

        if (n is > 1 and < 100)
            GradientCheck.Of([qkv], () => qkv.SelfAttention(heads));
    }

    [Theory]
    [InlineData(1, 1, 1, 3)]
    [InlineData(2, 7, 2, 5)]
    [InlineData(3, 77, 2, 16)]
    [InlineData(1, 800, 1, 33)] // two stretches of queries
    public void Causal_attention_of_a_token_is_attention_of_the_last_of_the_tokens_up_to_it(int batch, int n, int heads, int dim)
    {
        int inner = heads * dim;
        Tensor qkv = Samples.Tensor(1, batch, n, 3 * inner);
        using Tape tape = Tape.Inference();
        float[] actual = qkv.CausalSelfAttention(heads).Span.ToArray();
        for (int end = 1; end <= n; end += Math.Max(1, n / 7))
        {
            float[] expected = qkv.Slice(0, end).SelfAttention(heads).Span.ToArray();
            for (int b = 0; b < batch; b++)
            {
                for (int c = 0; c < inner; c++)
                    Assert.Equal(expected[((b + 1) * end - 1) * inner + c], actual[(b * n + end - 1) * inner + c], 1e-5f);
            }
        }
    }

    [Fact]
    public void Windowed_without_bias_is_multi_head_attention()
    {
        const int N = 9, Heads = 2, Dim = 5;
        Tensor qkv = Samples.Tensor(1, 2, N, Heads * 3 * Dim);
        var parts = new Tensor[3];
        for (int p = 0; p < 3; p++)
        {
            parts[p] = Tensor.Zeros(2, N, Heads * Dim);
            for (int row = 0; row < 2 * N; row++)
                for (int h = 0; h < Heads; h++)
                    qkv.Span.Slice((row * Heads + h) * 3 * Dim + p * Dim, Dim)
                        .CopyTo(parts[p].Span[((row * Heads + h) * Dim)..]);
        }

        using Tape tape = Tape.Inference();
        Tensor windowed = AttentionOps.Windowed(qkv, Heads, Tensor.Zeros(Heads, N), new int[N * N]);
        Tensor plain = AttentionOps.MultiHead(parts[0], parts[1], parts[2], Heads);
        Assert.Equal(plain.Span.ToArray(), windowed.Span.ToArray());
    }
}
