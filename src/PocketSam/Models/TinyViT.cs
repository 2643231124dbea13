using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// The TinyViT image encoder: convolutions at 1/4, then three stages of windowed attention at 1/8, 1/16 and 1/16, then
/// SAM's neck. [B, S, S, 3] to [B, S/16, S/16, C] (MobileSAM's tiny_vit_sam.py).
/// </summary>
internal sealed class TinyViT : ImageEncoder
{
    private readonly string _patchKey;
    private readonly ConvBn _patch1;
    private readonly ConvBn _patch2;
    private readonly MbConv[] _mbConvs;
    private readonly TinyViTBlock[][] _stages;
    private readonly PatchMerging[] _merges;
    private readonly Neck _neck;

    public TinyViT(TinyVitConfig config, int outChannels, Weights w)
    {
        int[] dims = config.EmbedDims;
        Weights patch = w["patch_embed"]["seq"];
        _patchKey = w["patch_embed"].Key;
        _patch1 = new ConvBn(3, dims[0] / 2, kernel: 3, patch[0], stride: 2);
        _patch2 = new ConvBn(dims[0] / 2, dims[0], kernel: 3, patch[2], stride: 2);

        _mbConvs = new MbConv[config.Depths[0]];
        for (int i = 0; i < _mbConvs.Length; i++)
            _mbConvs[i] = new MbConv(dims[0], config.MbConvExpandRatio, w["layers"][0]["blocks"][i]);
        _stages = new TinyViTBlock[3][];
        _merges = new PatchMerging[3];
        for (int stage = 0; stage < 3; stage++)
        {
            // The last merge keeps the resolution: SAM's embedding is at 1/16.
            _merges[stage] = new PatchMerging(
                dims[stage], dims[stage + 1], stride: stage < 2 ? 2 : 1, w["layers"][stage]["downsample"]);
            _stages[stage] = new TinyViTBlock[config.Depths[stage + 1]];
            for (int i = 0; i < _stages[stage].Length; i++)
            {
                _stages[stage][i] = new TinyViTBlock(
                    dims[stage + 1], config.NumHeads[stage + 1], config.WindowSizes[stage + 1], config.MlpRatio,
                    w["layers"][stage + 1]["blocks"][i]);
            }
        }

        _neck = new Neck(dims[3], outChannels, w["neck"]);
    }

    public override Tensor Forward(
        EncoderInput input, CancellationToken cancellation = default, IProgress<double>? progress = null,
        Action<Tensor>? beforeNeck = null)
    {
        Tensor pixels = input.Pixels;
        int blocks = _mbConvs.Length + _stages.Sum(stage => stage.Length), done = 0;
        Tensor x = Stem(pixels);                                                // [B, S/4, S/4, d0]
        foreach (MbConv block in _mbConvs)
            x = Next(x, block.Forward);
        for (int stage = 0; stage < 3; stage++)
        {
            cancellation.ThrowIfCancellationRequested();
            x = Follow(x, _merges[stage].Forward);                              // [B, S/8 or S/16, ., d]
            foreach (TinyViTBlock block in _stages[stage])
                x = Next(x, block.Forward);
        }

        beforeNeck?.Invoke(x);
        return _neck.Forward(x);

        Tensor Next(Tensor input, Func<Tensor, Tensor> block)
        {
            Tensor output = Follow(input, block);
            progress?.Report((double)++done / blocks);
            return output;
        }
    }

    private Tensor Stem(Tensor pixels)
    {
        using Tape.LayerScope layer = Tape.Enter(_patchKey);
        return Tape.Fuses
            ? FusedOps.Stem(pixels, _patch1.Folded, _patch2.Folded)
            : _patch2.Forward(_patch1.Forward(pixels, gelu: true));
    }

    /// <summary>Runs a layer and releases its input.</summary>
    private static Tensor Follow(Tensor x, Func<Tensor, Tensor> layer)
    {
        Tensor y = layer(x);
        Tape.Release(x);
        return y;
    }

    /// <summary>
    /// Bottleneck of the first stage: 1x1 expansion, depthwise 3x3, 1x1 projection, each with batch norm; x is added
    /// before the last GELU.
    /// </summary>
    private sealed class MbConv(int channels, int expand, Weights w)
    {
        private readonly string _key = w.Key;
        private readonly ConvBn _expand = new(channels, channels * expand, kernel: 1, w["conv1"]);
        private readonly ConvBn _depthwise =
            new(channels * expand, channels * expand, kernel: 3, w["conv2"], depthwise: true);
        private readonly ConvBn _project = new(channels * expand, channels, kernel: 1, w["conv3"], gain: 0f);

        public Tensor Forward(Tensor x)
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            return Tape.Fuses
                ? FusedOps.MbConv(x, _expand.Folded, _depthwise.Folded, _project.Folded, stride: 1, residual: true)
                : _project.Forward(_depthwise.Forward(_expand.Forward(x, gelu: true), gelu: true), gelu: true, residual: x);
        }
    }

    /// <summary>
    /// Transition between stages: 1x1 to the next stage's width,
    /// depthwise 3x3 that halves or keeps the resolution, 1x1.
    /// </summary>
    private sealed class PatchMerging(int channels, int outChannels, int stride, Weights w)
    {
        private readonly string _key = w.Key;
        private readonly ConvBn _conv1 = new(channels, outChannels, kernel: 1, w["conv1"]);
        private readonly ConvBn _conv2 =
            new(outChannels, outChannels, kernel: 3, w["conv2"], stride: stride, depthwise: true);
        private readonly ConvBn _conv3 = new(outChannels, outChannels, kernel: 1, w["conv3"]);

        public Tensor Forward(Tensor x)
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            return Tape.Fuses
                ? FusedOps.MbConv(x, _conv1.Folded, _conv2.Folded, _conv3.Folded, stride, residual: false)
                : _conv3.Forward(_conv2.Forward(_conv1.Forward(x, gelu: true), gelu: true));
        }
    }

    /// <summary>x + attention(x) in windows, a depthwise convolution, then x + mlp(x).</summary>
    private sealed class TinyViTBlock(int channels, int heads, int window, int mlpRatio, Weights w)
    {
        private readonly string _key = w.Key;
        private readonly WindowAttention _attention = new(channels, heads, window, w["attn"]);
        private readonly LayerNorm _mlpNorm = new(channels, w["mlp"]["norm"]);
        private readonly Linear _mlp1 =
            new(channels, channels * mlpRatio, w["mlp"]["fc1"], Initializer.TruncatedNormal());
        private readonly Linear _mlp2 =
            new(channels * mlpRatio, channels, w["mlp"]["fc2"], Initializer.TruncatedNormal());
        private readonly ConvBn _local = new(channels, channels, kernel: 3, w["local_conv"], depthwise: true);

        public Tensor Forward(Tensor x)                                         // [B, H, W, C]
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            if (Tape.Fuses)
            {
                return Follow(_attention.ForwardFused(x), y => FusedOps.LocalMlp(
                    y, _local.Folded, _mlpNorm.Weights, _mlpNorm.Epsilon, _mlp1.Weights, _mlp2.Weights));
            }

            x = _attention.Forward(x);
            x = _local.Forward(x);
            return _mlp2.Forward(_mlp1.Forward(_mlpNorm.Forward(x)).Gelu(), residual: x);
        }
    }

    /// <summary>
    /// x + attention inside windows: a norm, one projection to query, key and value of each head, and a learned bias
    /// for each head and each distance (|dy|, |dx|).
    /// </summary>
    private sealed class WindowAttention(int channels, int heads, int window, Weights w)
    {
        private readonly string _key = w.Key;
        private readonly Weight _biases = w.Get(
            "attention_biases", Initializer.Zeros, decays: false, heads, window * window);

        private readonly LayerNorm _norm = new(channels, w["norm"]);
        private readonly Linear _qkv = new(channels, 3 * channels, w["qkv"], Initializer.TruncatedNormal());
        private readonly Linear _projection = new(channels, channels, w["proj"], Initializer.TruncatedNormal());
        private readonly int[] _biasIndex = BiasIndex(window);
        private readonly Lock _gate = new();
        private Tensor? _spreadBiases;
        private int _spreadVersion;

        public Tensor Forward(Tensor x)
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            int batch = x.Shape[0], height = x.Shape[1], width = x.Shape[2];
            WindowGrid grid = WindowGrid.For(batch, height, width, window);
            Tensor windows = x.GatherRows(grid.ToWindows, unique: true, grid.Count, window * window, channels);
            Tensor qkv = _qkv.Forward(_norm.Forward(windows));                  // [windows, N, heads (q k v)]
            Tensor y = AttentionOps.Windowed(qkv, heads, _biases.Value, _biasIndex);
            y = y.GatherRows(grid.FromWindows, unique: true, batch, height, width, channels);
            return _projection.Forward(y, residual: x);
        }

        public Tensor ForwardFused(Tensor x)
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            return FusedOps.WindowAttention(
                x, _norm.Weights, _norm.Epsilon, _qkv.Weights, SpreadBiases(), _projection.Weights, heads, window);
        }

        /// <summary>
        /// The bias of each pair of tokens in the layout of the fused attention, cached until the table changes.
        /// </summary>
        private Tensor SpreadBiases()
        {
            lock (_gate)
            {
                if (_spreadBiases is not null && _spreadVersion == _biases.Version)
                    return _spreadBiases;
                int n = window * window, row = AttentionHead.BiasRowOf(n);
                Tensor spread = Tensor.Zeros(heads, n, row);
                spread.Span.Fill(AttentionHead.Excluded);
                for (int h = 0; h < heads; h++)
                {
                    for (int i = 0; i < n; i++)
                    {
                        for (int j = 0; j < n; j++)
                        {
                            spread.Span[(h * n + i) * row + j]
                                = _biases.Value.Span[h * n + _biasIndex[i * n + j]] * VectorMath.Log2E;
                        }
                    }
                }

                _spreadVersion = _biases.Version;
                return _spreadBiases = spread;
            }
        }

        /// <summary>Index of the bias for each pair of tokens: |dy| window + |dx|.</summary>
        private static int[] BiasIndex(int window)
        {
            int n = window * window;
            int[] index = new int[n * n];
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++)
                    index[i * n + j] = Math.Abs(i / window - j / window) * window + Math.Abs(i % window - j % window);
            return index;
        }
    }
}
