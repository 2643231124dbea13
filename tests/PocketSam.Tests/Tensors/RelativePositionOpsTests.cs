using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class RelativePositionOpsTests
{
    [Theory]
    [InlineData(1, 2, 3, 1, 4)]
    [InlineData(2, 3, 2, 2, 3)]
    [InlineData(3, 4, 4, 2, 5)]
    public void Relative_attention_has_the_gradient_of_its_values(int windows, int height, int width, int heads, int dim)
    {
        Tensor qkv = Samples.Tensor(1, windows, height * width, 3 * heads * dim);
        Tensor tableH = Samples.Tensor(2, 2 * height - 1, dim), tableW = Samples.Tensor(3, 2 * width - 1, dim);
        GradientCheck.Of(
            [qkv, tableH, tableW], () => qkv.RelativeAttention(heads, tableH, tableW, height, width));
    }

    [Fact]
    public void Without_tables_it_is_multi_head_attention()
    {
        const int Side = 5, Heads = 2, Dim = 6, Inner = Heads * Dim;
        Tensor qkv = Samples.Tensor(1, 2, Side * Side, 3 * Inner), none = Tensor.Zeros(2 * Side - 1, Dim);
        var parts = new Tensor[3];
        for (int p = 0; p < 3; p++)
        {
            parts[p] = Tensor.Zeros(2, Side * Side, Inner);
            for (int row = 0; row < qkv.Rows; row++)
                qkv.Span.Slice(row * 3 * Inner + p * Inner, Inner).CopyTo(parts[p].Span[(row * Inner)..]);
        }

        using Tape tape = Tape.Inference();
        Tensor expected = AttentionOps.MultiHead(parts[0], parts[1], parts[2], Heads);
        Tensor actual = qkv.RelativeAttention(Heads, none, none, Side, Side);
        for (int i = 0; i < expected.Count; i++)
            Assert.Equal(expected.Span[i], actual.Span[i], 1e-6f);
    }
}
