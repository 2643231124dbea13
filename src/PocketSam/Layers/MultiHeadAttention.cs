using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>
/// Attention with projections of queries, keys, values and result; the inner width is the outer one divided by
/// <c>downsample</c> (segment_anything/modeling/transformer.py, Attention).
/// </summary>
internal sealed class MultiHeadAttention(int channels, int heads, Weights w, int downsample = 1)
{
    public Linear Query { get; } = new(channels, channels / downsample, w["q_proj"]);

    public Linear Key { get; } = new(channels, channels / downsample, w["k_proj"]);

    public Linear Value { get; } = new(channels, channels / downsample, w["v_proj"]);

    public Linear Output { get; } = new(channels / downsample, channels, w["out_proj"]);

    /// <summary>q [B, Nq, C], k and v [B, Nk, C] to [B, Nq, C], plus the residual.</summary>
    public Tensor Forward(Tensor q, Tensor k, Tensor v, Tensor? residual = null)
        => Output.Forward(
            AttentionOps.MultiHead(Query.Forward(q), Key.Forward(k), Value.Forward(v), heads), residual);
}
