using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>
/// Attention with projections of queries, keys, values and result; the inner width is the outer width divided by
/// <c>downsample</c> (segment_anything/modeling/transformer.py, Attention).
/// </summary>
/// <param name="channels">The outer width.</param>
/// <param name="heads">Heads that divide the inner width.</param>
/// <param name="w">The scope of its weights.</param>
/// <param name="downsample">The outer width over the inner one.</param>
/// <param name="isProduct">Whether nothing but the projections reads their weights.</param>
internal sealed class MultiHeadAttention(int channels, int heads, Weights w, int downsample = 1, bool isProduct = true)
{
    private readonly string _key = w.Key;

    public Linear Query { get; } = new(channels, channels / downsample, w["q_proj"], isProduct: isProduct);

    public Linear Key { get; } = new(channels, channels / downsample, w["k_proj"], isProduct: isProduct);

    public Linear Value { get; } = new(channels, channels / downsample, w["v_proj"], isProduct: isProduct);

    public Linear Output { get; } = new(channels / downsample, channels, w["out_proj"], isProduct: isProduct);

    /// <summary>q [B, Nq, C], k and v [B, Nk, C] to [B, Nq, C], plus the residual, if given.</summary>
    public Tensor Forward(Tensor q, Tensor k, Tensor v, Tensor? residual = null)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        return Output.Forward(
            AttentionOps.MultiHead(Query.Forward(q), Key.Forward(k), Value.Forward(v), heads), residual);
    }
}
