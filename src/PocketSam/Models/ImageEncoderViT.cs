using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// SAM's image encoder: patches of 16 x 16 pixels become tokens, followed by blocks of attention inside windows or over
/// the whole picture, then the neck (segment_anything/modeling/image_encoder.py). Position embeddings, absolute and
/// relative, are for one input size.
/// </summary>
internal sealed class ImageEncoderViT : ImageEncoder
{
    private readonly string _key;
    private readonly int _size;
    private readonly Conv2d _patches;
    private readonly Weight _positions;
    private readonly Block[] _blocks;
    private readonly Neck _neck;

    public ImageEncoderViT(VitConfig config, int size, int outChannels, Weights w)
    {
        int side = size / SamConfig.EmbeddingStride, channels = config.EmbedDim;
        (_key, _size) = (w.Key, size);
        _positions = w.Get("pos_embed", Initializer.Zeros, decays: false, 1, side, side, channels);
        _patches = new Conv2d(
            3, channels, SamConfig.EmbeddingStride, w["patch_embed"]["proj"], stride: SamConfig.EmbeddingStride);
        _blocks = new Block[config.Depth];
        for (int i = 0; i < _blocks.Length; i++)
        {
            int window = config.GlobalAttentionBlocks.Contains(i) ? side : config.WindowSize;
            _blocks[i] = new Block(channels, config.NumHeads, window, config.MlpRatio, w["blocks"][i]);
        }

        _neck = new Neck(channels, outChannels, w["neck"]);
    }

    public override Tensor Forward(
        EncoderInput input, CancellationToken cancellation = default, IProgress<double>? progress = null,
        Action<Tensor>? beforeNeck = null)
    {
        Tensor pixels = input.Pixels;
        if (pixels.Shape[1] != _size || pixels.Shape[2] != _size)
        {
            throw new ArgumentException(
                $"input of {pixels.Shape[2]} x {pixels.Shape[1]} pixels: this encoder has position embeddings for " +
                $"{_size} x {_size} only", nameof(pixels));
        }

        using Tape.LayerScope layer = Tape.Enter(_key);
        Tensor x = _patches.Forward(pixels).AddRepeated(_positions.Value);      // [B, S/16, S/16, C]
        for (int i = 0; i < _blocks.Length; i++)
        {
            Block block = _blocks[i];
            cancellation.ThrowIfCancellationRequested();
            if (Tape.Fuses)
                block.Apply(x);
            else
                x = block.Forward(x);
            progress?.Report((i + 1.0) / _blocks.Length);
        }

        beforeNeck?.Invoke(x);
        return _neck.Forward(x);
    }

    /// <summary>x + attention(norm1(x)), then x + mlp(norm2(x)).</summary>
    private sealed class Block(int channels, int heads, int window, int mlpRatio, Weights w)
    {
        private readonly string _key = w.Key, _attentionKey = w["attn"].Key;
        private readonly LayerNorm _norm1 = new(channels, w["norm1"], LayerNorm.Epsilon2d);
        private readonly Linear _qkv = new(channels, 3 * channels, w["attn"]["qkv"], Initializer.TruncatedNormal());
        private readonly Linear _projection = new(channels, channels, w["attn"]["proj"], Initializer.TruncatedNormal());
        private readonly Weight _tableH = w["attn"].Get(
            "rel_pos_h", Initializer.Zeros, decays: false, 2 * window - 1, channels / heads);

        private readonly Weight _tableW = w["attn"].Get(
            "rel_pos_w", Initializer.Zeros, decays: false, 2 * window - 1, channels / heads);

        private readonly LayerNorm _norm2 = new(channels, w["norm2"], LayerNorm.Epsilon2d);
        private readonly Linear _mlp1 =
            new(channels, channels * mlpRatio, w["mlp"]["lin1"], Initializer.TruncatedNormal());

        private readonly Linear _mlp2 =
            new(channels * mlpRatio, channels, w["mlp"]["lin2"], Initializer.TruncatedNormal());

        /// <summary>As in the reference: windows are padded with zeros after the norm.</summary>
        public Tensor Forward(Tensor x)                                         // [B, H, W, C]
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            x = Attend(_norm1.Forward(x), residual: x);
            return _mlp2.Forward(_mlp1.Forward(_norm2.Forward(x)).Gelu(), residual: x);
        }

        private Tensor Attend(Tensor x, Tensor residual)
        {
            using Tape.LayerScope layer = Tape.Enter(_attentionKey);
            WindowGrid grid = Grid(x);
            Tensor windows = x.GatherRows(grid.ToWindows, unique: true, grid.Count, window * window, channels);
            Tensor y = _qkv.Forward(windows)
                .RelativeAttention(heads, _tableH.Value, _tableW.Value, window, window)
                .GatherRows(grid.FromWindows, unique: true, x.Shape);
            return _projection.Forward(y, residual);
        }

        /// <summary>
        /// Transforms <paramref name="x"/> in place, without gradient. The padding of
        /// a window is a row of zeros whose key and value are the biases, so nothing
        /// is computed for it. Intermediate memory is returned after each half.
        /// </summary>
        public void Apply(Tensor x)
        {
            using (Tape.Inference())
            using (Tape.Enter(_attentionKey))
            {
                Tensor y = _qkv.Forward(_norm1.Forward(x)).RelativeAttentionInWindows(
                    Grid(x).ToWindows, _qkv.Weights.Bias.Value, heads, _tableH.Value, _tableW.Value, window, window);
                _projection.AddTo(x, y);
            }

            using (Tape.Inference())
                _mlp2.AddTo(x, _mlp1.Forward(_norm2.Forward(x), activation: Activation.Gelu));
        }

        private WindowGrid Grid(Tensor x) => WindowGrid.For(x.Shape[0], x.Shape[1], x.Shape[2], window);
    }
}
