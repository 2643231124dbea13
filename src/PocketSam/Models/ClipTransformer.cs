using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// The blocks of both towers of CLIP (clip/model.py, Transformer): x += attention(ln_1(x)), then x += mlp(ln_2(x)). For
/// inference: tokens are changed in place.
/// </summary>
internal sealed class ClipTransformer
{
    private readonly Block[] _blocks;

    /// <param name="config">Its architecture.</param>
    /// <param name="activation">The activation in the MLPs.</param>
    /// <param name="isCausal">Whether a token attends only to itself and the tokens before it.</param>
    /// <param name="w">The scope <c>transformer</c>.</param>
    public ClipTransformer(ClipTowerConfig config, ClipActivation activation, bool isCausal, Weights w)
    {
        Activation inside = activation == ClipActivation.QuickGelu ? Activation.QuickGelu : Activation.Gelu;
        _blocks = [.. Enumerable.Range(0, config.Layers).Select(i => new Block(config, inside, isCausal, w["resblocks"][i]))];
    }

    /// <summary>Transforms tokens in place; intermediate memory is returned after each half of a block.</summary>
    /// <param name="x">The tokens [B, N, C].</param>
    /// <param name="cancellation">Checked before each block.</param>
    public void Apply(Tensor x, CancellationToken cancellation)
    {
        foreach (Block block in _blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            block.Apply(x, isCorrelative: false);
        }
    }

    /// <summary>
    /// Transforms tokens and returns the first one of each item, [B, C]. The last block computes only that one, from
    /// the keys and values of all; <paramref name="x"/> holds the input of the last block afterwards.
    /// </summary>
    public Tensor ApplyToFirst(Tensor x, CancellationToken cancellation)
    {
        for (int i = 0; i < _blocks.Length - 1; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            _blocks[i].Apply(x, isCorrelative: false);
        }

        cancellation.ThrowIfCancellationRequested();
        return _blocks[^1].First(x);
    }

    /// <summary>
    /// Transforms tokens in place with an attention in the last block that preserves a token's local content: softmax(q
    /// q^T) v + softmax(k k^T) v (SCLIP, arXiv:2312.01597).
    /// </summary>
    public void ApplyDense(Tensor x, CancellationToken cancellation)
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            _blocks[i].Apply(x, isCorrelative: i == _blocks.Length - 1);
        }
    }

    private sealed class Block(ClipTowerConfig config, Activation activation, bool isCausal, Weights w)
    {
        private readonly string _key = w.Key, _attentionKey = w["attn"].Key;
        private readonly LayerNorm _norm1 = new(config.Width, w["ln_1"]);
        private readonly Linear _qkv = new(config.Width, 3 * config.Width, w["attn"]["in_proj"]);
        private readonly Linear _projection = new(config.Width, config.Width, w["attn"]["out_proj"]);
        private readonly LayerNorm _norm2 = new(config.Width, w["ln_2"]);
        private readonly Linear _mlp1 = new(config.Width, config.MlpWidth, w["mlp"]["c_fc"]);
        private readonly Linear _mlp2 = new(config.MlpWidth, config.Width, w["mlp"]["c_proj"]);

        public void Apply(Tensor x, bool isCorrelative)
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            using (Tape.Inference())
            {
                Tensor normed = _norm1.Forward(x);
                using Tape.LayerScope attention = Tape.Enter(_attentionKey);
                Tensor qkv = _qkv.Forward(normed);
                _projection.AddTo(x, isCorrelative ? Correlative(qkv) : isCausal ? qkv.CausalSelfAttention(config.Heads) : qkv.SelfAttention(config.Heads));
            }

            using (Tape.Inference())
                _mlp2.AddTo(x, _mlp1.Forward(_norm2.Forward(x), activation: activation));
        }

        /// <summary>Computes the first token of each item, [B, C].</summary>
        public Tensor First(Tensor x)
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            int batch = x.Shape[0];
            Tensor first = x.Slice(0, 1).Reshape(batch, config.Width);
            using (Tape.Inference())
            {
                Tensor normed = _norm1.Forward(x);
                using Tape.LayerScope attention = Tape.Enter(_attentionKey);
                Tensor qkv = _qkv.Forward(normed);
                Tensor y = AttentionOps.MultiHead(Part(qkv, 0).Slice(0, 1), Part(qkv, 1), Part(qkv, 2), config.Heads);
                _projection.AddTo(first, y.Reshape(batch, config.Width));
            }

            using (Tape.Inference())
                _mlp2.AddTo(first, _mlp1.Forward(_norm2.Forward(first), activation: activation));
            return first;
        }

        private Tensor Correlative(Tensor qkv)
        {
            Tensor q = Part(qkv, 0), k = Part(qkv, 1), v = Part(qkv, 2);
            return AttentionOps.MultiHead(q, q, v, config.Heads).Add(AttentionOps.MultiHead(k, k, v, config.Heads));
        }

        private Tensor Part(Tensor qkv, int which)
            => qkv.Reshape(qkv.Rows, qkv.Channels, 1).Slice(which * config.Width, config.Width)
                .Reshape(qkv.Shape[0], qkv.Shape[1], config.Width);
    }
}
