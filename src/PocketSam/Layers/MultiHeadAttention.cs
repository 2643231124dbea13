using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>
/// Attention with projections of queries, keys, values and result; the inner width is the outer one divided by
/// <c>downsample</c> (segment_anything/modeling/transformer.py, Attention).
/// </summary>
internal sealed class MultiHeadAttention(int channels, int heads, Weights w, int downsample = 1)
{
    private readonly Linear _query = new(channels, channels / downsample, w["q_proj"]);
    private readonly Linear _key = new(channels, channels / downsample, w["k_proj"]);
    private readonly Linear _value = new(channels, channels / downsample, w["v_proj"]);
    private readonly Linear _output = new(channels / downsample, channels, w["out_proj"]);

    /// <summary>q [B, Nq, C], k and v [B, Nk, C] to [B, Nq, C], plus the residual.</summary>
    public Tensor Forward(Tensor q, Tensor k, Tensor v, Tensor? residual = null)
        => _output.Forward(
            AttentionOps.MultiHead(_query.Forward(q), _key.Forward(k), _value.Forward(v), heads), residual);
}
