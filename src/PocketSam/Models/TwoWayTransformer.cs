using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// The two-way attention between tokens and image (segment_anything/modeling/transformer.py), for T tokens [P, T, C]
/// and N image rows [P, N, C].
/// </summary>
internal sealed class TwoWayTransformer
{
    public TwoWayTransformer(int depth, int channels, int heads, int mlpDim, Weights w)
    {
        Key = w.Key;
        Layers = new Layer[depth];
        for (int i = 0; i < depth; i++)
            Layers[i] = new Layer(channels, heads, mlpDim, first: i == 0, w["layers"][i]);
        Final = new MultiHeadAttention(channels, heads, w["final_attn_token_to_image"], downsample: 2, isProduct: false);
        FinalNorm = new LayerNorm(channels, w["norm_final_attn"]);
    }

    /// <summary>PyTorch's key of the transformer.</summary>
    public string Key { get; }

    public Layer[] Layers { get; }

    /// <summary>The final attention of tokens to the image.</summary>
    public MultiHeadAttention Final { get; }

    public LayerNorm FinalNorm { get; }

    /// <summary>Transforms tokens and image rows.</summary>
    /// <param name="image">Image rows, [P, N, C].</param>
    /// <param name="positions">Positions of the image rows, [1, N, C].</param>
    /// <param name="points">Tokens, [P, T, C], which are also the tokens' positions.</param>
    public (Tensor Tokens, Tensor Image) Forward(Tensor image, Tensor positions, Tensor points)
    {
        using Tape.LayerScope scope = Tape.Enter(Key);
        Tensor tokens = points;
        foreach (Layer layer in Layers)
            (tokens, image) = layer.Forward(tokens, image, points, positions);
        Tensor keys = image.AddRepeated(positions);
        return (FinalNorm.Forward(Final.Forward(tokens.Add(points), keys, image, residual: tokens)), image);
    }

    /// <summary>
    /// Attention of tokens to tokens, of tokens to image, MLP on tokens, attention of image to tokens.
    /// </summary>
    internal sealed class Layer(int channels, int heads, int mlpDim, bool first, Weights w)
    {
        private readonly MultiHeadAttention _self = new(channels, heads, w["self_attn"]);
        private readonly LayerNorm _norm1 = new(channels, w["norm1"]);

        public MultiHeadAttention TokenToImage { get; } =
            new(channels, heads, w["cross_attn_token_to_image"], downsample: 2, isProduct: false);

        /// <summary>The norm after <see cref="TokenToImage"/>.</summary>
        public LayerNorm Norm2 { get; } = new(channels, w["norm2"]);

        private readonly Linear _mlp1 = new(channels, mlpDim, w["mlp"]["lin1"]);
        private readonly Linear _mlp2 = new(mlpDim, channels, w["mlp"]["lin2"]);
        private readonly LayerNorm _norm3 = new(channels, w["norm3"]);

        /// <summary>The norm after <see cref="ImageToToken"/>.</summary>
        public LayerNorm Norm4 { get; } = new(channels, w["norm4"]);

        public MultiHeadAttention ImageToToken { get; } =
            new(channels, heads, w["cross_attn_image_to_token"], downsample: 2, isProduct: false);

        /// <summary>PyTorch's key of the layer.</summary>
        public string Key { get; } = w.Key;

        /// <summary>
        /// Self-attention of the tokens and its norm. The first layer has no positions and no residual.
        /// </summary>
        public Tensor AttendToSelf(Tensor tokens, Tensor points)
        {
            using Tape.LayerScope layer = Tape.Enter(Key);
            if (first)
                return _norm1.Forward(_self.Forward(tokens, tokens, tokens));
            Tensor placed = tokens.Add(points);
            return _norm1.Forward(_self.Forward(placed, placed, tokens, residual: tokens));
        }

        /// <summary>The MLP on tokens and its norm.</summary>
        public Tensor FeedForward(Tensor tokens)
            => _norm3.Forward(_mlp2.Forward(_mlp1.Forward(tokens, activation: Activation.Relu), residual: tokens));

        public (Tensor Tokens, Tensor Image) Forward(Tensor tokens, Tensor image, Tensor points, Tensor positions)
        {
            using Tape.LayerScope layer = Tape.Enter(Key);
            tokens = AttendToSelf(tokens, points);
            Tensor keys = image.AddRepeated(positions);
            tokens = Norm2.Forward(TokenToImage.Forward(tokens.Add(points), keys, image, residual: tokens));
            tokens = FeedForward(tokens);
            image = Norm4.Forward(ImageToToken.Forward(keys, tokens.Add(points), tokens, residual: image));
            return (tokens, image);
        }
    }
}
