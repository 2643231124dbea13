using PocketSam.Kernels;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// Tokens and image attend to each other (segment_anything/modeling/transformer.py). T tokens [P, T, C], N image rows
/// [P, N, C].
/// </summary>
internal sealed class TwoWayTransformer
{
    private readonly Block[] _layers;
    private readonly MultiHeadAttention _final;
    private readonly LayerNorm _finalNorm;

    public TwoWayTransformer(int depth, int channels, int heads, int mlpDim, Weights w)
    {
        _layers = new Block[depth];
        for (int i = 0; i < depth; i++)
            _layers[i] = new Block(channels, heads, mlpDim, first: i == 0, w["layers"][i]);
        _final = new MultiHeadAttention(channels, heads, w["final_attn_token_to_image"], downsample: 2);
        _finalNorm = new LayerNorm(channels, w["norm_final_attn"]);
    }

    /// <summary>
    /// Image rows, their positions [1, N, C] and tokens, which are also the tokens' positions, to the new tokens and rows.
    /// </summary>
    public (Tensor Tokens, Tensor Image) Forward(Tensor image, Tensor positions, Tensor points)
    {
        Tensor tokens = points;
        foreach (Block layer in _layers)
            (tokens, image) = layer.Forward(tokens, image, points, positions);
        Tensor keys = image.AddRepeated(positions);
        return (_finalNorm.Forward(_final.Forward(tokens.Add(points), keys, image, residual: tokens)), image);
    }

    /// <summary>
    /// Tokens to tokens, tokens to image, MLP on tokens, image to tokens. The first layer's self-attention has no
    /// positions and no residual.
    /// </summary>
    private sealed class Block(int channels, int heads, int mlpDim, bool first, Weights w)
    {
        private readonly MultiHeadAttention _self = new(channels, heads, w["self_attn"]);
        private readonly LayerNorm _norm1 = new(channels, w["norm1"]);
        private readonly MultiHeadAttention _tokenToImage =
            new(channels, heads, w["cross_attn_token_to_image"], downsample: 2);

        private readonly LayerNorm _norm2 = new(channels, w["norm2"]);
        private readonly Linear _mlp1 = new(channels, mlpDim, w["mlp"]["lin1"]);
        private readonly Linear _mlp2 = new(mlpDim, channels, w["mlp"]["lin2"]);
        private readonly LayerNorm _norm3 = new(channels, w["norm3"]);
        private readonly LayerNorm _norm4 = new(channels, w["norm4"]);
        private readonly MultiHeadAttention _imageToToken =
            new(channels, heads, w["cross_attn_image_to_token"], downsample: 2);

        public (Tensor Tokens, Tensor Image) Forward(Tensor tokens, Tensor image, Tensor points, Tensor positions)
        {
            if (first)
            {
                tokens = _self.Forward(tokens, tokens, tokens);
            }
            else
            {
                Tensor placed = tokens.Add(points);
                tokens = _self.Forward(placed, placed, tokens, residual: tokens);
            }

            tokens = _norm1.Forward(tokens);
            Tensor keys = image.AddRepeated(positions);
            tokens = _norm2.Forward(_tokenToImage.Forward(tokens.Add(points), keys, image, residual: tokens));
            tokens = _norm3.Forward(_mlp2.Forward(_mlp1.Forward(tokens, activation: Activation.Relu), residual: tokens));
            image = _norm4.Forward(_imageToToken.Forward(keys, tokens.Add(points), tokens, residual: image));
            return (tokens, image);
        }
    }
}
