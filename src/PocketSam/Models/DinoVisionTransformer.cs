using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// DINOv2's vision transformer (dinov2/models/vision_transformer.py) as an image encoder: patches of 14 x 14 pixels, a
/// class token and registers in front, learned positions resized to the picture, and blocks of attention over all
/// tokens with LayerScale. The patch tokens after several blocks pass through the final norm into the neck, which works
/// on the square grid of the input with zeros beyond the picture.
/// </summary>
internal sealed class DinoVisionTransformer : ImageEncoder
{
    /// <summary>Epsilon of all norms in the transformer.</summary>
    private const float Epsilon = 1e-6f;

    private readonly DinoVisionTransformerConfig _config;
    private readonly string _key;
    private readonly Weight _classToken;
    private readonly Weight? _registers;
    private readonly Weight _positions;
    private readonly Conv2d _patches;
    private readonly Block[] _blocks;
    private readonly LayerNorm _norm;
    private readonly Neck _neck;
    private readonly HighResolutionStem _highResolution;

    public DinoVisionTransformer(DinoVisionTransformerConfig config, int outChannels, Weights w)
    {
        int channels = config.EmbedDim;
        _config = config;
        _key = w.Key;
        _classToken = w.Get("cls_token", Initializer.Normal(1e-6f), decays: false, 1, 1, channels);
        _positions = w.Get(
            "pos_embed", Initializer.TruncatedNormal(), decays: false, 1, 1 + config.PositionSide * config.PositionSide, channels);
        _registers = config.RegisterTokens == 0
            ? null : w.Get("register_tokens", Initializer.Normal(1e-6f), decays: false, 1, config.RegisterTokens, channels);
        _patches = new Conv2d(3, channels, config.PatchSize, w["patch_embed"]["proj"], stride: config.PatchSize);
        _blocks = [.. Enumerable.Range(0, config.Depth).Select(i => new Block(channels, config.NumHeads, config.MlpRatio, w["blocks"][i]))];
        _norm = new LayerNorm(channels, w["norm"], Epsilon);
        _neck = new Neck(config.Taps.Length * channels, outChannels, w["neck"], normalizesInput: true, bias: true);
        _highResolution = new HighResolutionStem(config.HighResolutionChannels, outChannels, w["high_res"]);
    }

    /// <summary>Number of tokens before those of the patches.</summary>
    private int Prefix => 1 + _config.RegisterTokens;

    public override Tensor Forward(
        EncoderInput input, CancellationToken cancellation = default, IProgress<double>? progress = null,
        Action<Tensor>? beforeNeck = null)
    {
        if (input.Patches is null)
            throw new ArgumentException($"a picture at {_config.PatchSize} pixels a patch is needed", nameof(input));
        using Tape.LayerScope layer = Tape.Enter(_key);
        int side = input.Size / SamConfig.EmbeddingStride, done = 0;
        Tensor[] grids =
        [
            .. input.Patches.Select(pixels =>
            {
                int rows = pixels.Shape[1] / _config.PatchSize, columns = pixels.Shape[2] / _config.PatchSize;
                Tensor[] taps = Taps(pixels, cancellation, () => progress?.Report(++done / (double)(input.Count * _blocks.Length)));
                return OnGrid(taps, rows, columns, side);
            }),
        ];
        Tensor features = LayoutOps.Concatenate(grids).Reshape(input.Count, side, side, grids[0].Channels);
        beforeNeck?.Invoke(features);
        Tensor embedding = _neck.Forward(features);
        (Tensor quarter, Tensor eighth) = _highResolution.Forward(input.Pixels);
        return DecoderFeatures.Join(embedding, quarter, eighth);
    }

    /// <summary>
    /// Encodes one picture [1, 14 h, 14 w, 3] to its tokens after
    /// each tap and the final norm, each [1, prefix + h * w, C].
    /// </summary>
    /// <param name="pixels">Normalised pixels; both sides are multiples of the patch size.</param>
    /// <param name="cancellation">Checked before each block.</param>
    /// <param name="onBlock">Called after each block.</param>
    public Tensor[] Taps(Tensor pixels, CancellationToken cancellation = default, Action? onBlock = null)
    {
        int rows = pixels.Shape[1] / _config.PatchSize, columns = pixels.Shape[2] / _config.PatchSize;
        Tensor x = Embed(pixels, rows, columns);
        var taps = new Tensor[_config.Taps.Length];
        for (int i = 0, tap = 0; i < _blocks.Length && tap < taps.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            bool wantsGradient = Tape.Records && (x.WantsGradient || _blocks[i].Learns);
            if (!wantsGradient && Tape.FusesWithoutGradient)
                _blocks[i].Apply(x);
            else
                x = _blocks[i].Forward(x);
            if (_config.Taps[tap] == i + 1)
                taps[tap++] = _norm.Forward(x);
            onBlock?.Invoke();
        }

        return taps;
    }

    /// <summary>
    /// Class, register and patch tokens, of which class and patches with their positions, [1, prefix + h * w, C].
    /// </summary>
    private Tensor Embed(Tensor pixels, int rows, int columns)
    {
        int channels = _config.EmbedDim, side = _config.PositionSide;
        Tensor patches = _patches.Forward(pixels).Reshape(1, rows * columns, channels);
        Tensor positions = _positions.Value.Slice(1, side * side).Reshape(side * side, channels);
        patches = patches.Add(rows == side && columns == side ? positions : positions.ResizeBicubic(side, side, rows, columns));
        Tensor classToken = _classToken.Value.Add(_positions.Value.Slice(0, 1));
        return _registers is null
            ? LayoutOps.Concatenate(classToken, patches)
            : LayoutOps.Concatenate(classToken, _registers.Value, patches);
    }

    /// <summary>
    /// The patch tokens of all taps, joined along the channels, on the square grid: [1, side * side, taps * C].
    /// </summary>
    private Tensor OnGrid(Tensor[] taps, int rows, int columns, int side)
    {
        int count = rows * columns, channels = _config.EmbedDim;
        Tensor joined = LayoutOps.Concatenate([.. taps.Select(t => t.Slice(Prefix, count).Reshape(count, channels, 1))])
            .Reshape(count, taps.Length * channels);
        int[] places = new int[side * side];
        for (int i = 0; i < places.Length; i++)
            places[i] = i / side < rows && i % side < columns ? i / side * columns + i % side : -1;
        return joined.GatherRows(places, unique: true, 1, side * side, joined.Channels);
    }

    /// <summary>x + ls1(attention(norm1(x))), then x + ls2(mlp(norm2(x))) (dinov2/layers/block.py).</summary>
    private sealed class Block(int channels, int heads, int mlpRatio, Weights w)
    {
        private readonly string _key = w.Key, _attentionKey = w["attn"].Key;
        private readonly LayerNorm _norm1 = new(channels, w["norm1"], Epsilon);
        private readonly Linear _qkv = new(channels, 3 * channels, w["attn"]["qkv"], Initializer.TruncatedNormal());
        private readonly Linear _projection = new(channels, channels, w["attn"]["proj"], Initializer.TruncatedNormal());
        private readonly LayerScale _scale1 = new(channels, w["ls1"]);
        private readonly LayerNorm _norm2 = new(channels, w["norm2"], Epsilon);
        private readonly Linear _mlp1 = new(channels, channels * mlpRatio, w["mlp"]["fc1"], Initializer.TruncatedNormal());
        private readonly Linear _mlp2 = new(channels * mlpRatio, channels, w["mlp"]["fc2"], Initializer.TruncatedNormal());
        private readonly LayerScale _scale2 = new(channels, w["ls2"]);

        /// <summary>Whether its weights are trained; a block is trained as a whole or not at all.</summary>
        public bool Learns => _scale1.Learns;

        public Tensor Forward(Tensor x)
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            x = _scale1.Forward(x, Attend(_norm1.Forward(x)));
            return _scale2.Forward(x, _mlp2.Forward(_mlp1.Forward(_norm2.Forward(x)).Gelu()));
        }

        /// <summary>
        /// Transforms <paramref name="x"/> in place, without gradient; intermediate memory is returned after each half.
        /// </summary>
        public void Apply(Tensor x)
        {
            using Tape.LayerScope layer = Tape.Enter(_key);
            using (Tape.Inference())
                _scale1.AddTo(x, Attend(_norm1.Forward(x)));
            using (Tape.Inference())
                _scale2.AddTo(x, _mlp2.Forward(_mlp1.Forward(_norm2.Forward(x), activation: Activation.Gelu)));
        }

        private Tensor Attend(Tensor x)
        {
            using Tape.LayerScope layer = Tape.Enter(_attentionKey);
            return _projection.Forward(_qkv.Forward(x).SelfAttention(heads));
        }
    }
}
