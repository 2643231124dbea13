using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// Embeds points, boxes and masks (segment_anything/modeling/prompt_encoder.py). A position is encoded by sines and
/// cosines of random frequencies, plus a learned vector for the kind of the point.
/// </summary>
internal sealed class PromptEncoder
{
    private readonly Lock _gate = new();
    private readonly string _key;
    private readonly int _channels;
    private readonly Weight _frequencies;
    private readonly Weight[] _pointEmbeddings;
    private readonly Weight _notAPoint;
    private readonly Weight _noMask;
    private readonly Conv2d _mask1;
    private readonly LayerNorm _maskNorm1;
    private readonly Conv2d _mask2;
    private readonly LayerNorm _maskNorm2;
    private readonly Conv2d _mask3;
    private float[] _dense = [];
    private int _denseVersion = -1;

    public PromptEncoder(SamConfig config, Weights w)
    {
        _key = w.Key;
        int channels = _channels = config.PromptEmbedDim, inner = config.MaskInChannels;
        _frequencies = w["pe_layer"].Fixed("positional_encoding_gaussian_matrix", Initializer.Normal(), 2, channels / 2);
        _pointEmbeddings = new Weight[4];
        for (int i = 0; i < 4; i++)
            _pointEmbeddings[i] = w["point_embeddings"][i].Get("weight", Initializer.Normal(), decays: false, 1, channels);
        _notAPoint = w["not_a_point_embed"].Get("weight", Initializer.Normal(), decays: false, 1, channels);
        Weights down = w["mask_downscaling"];
        _mask1 = new Conv2d(1, inner / 4, kernel: 2, down[0], stride: 2);
        _maskNorm1 = new LayerNorm(inner / 4, down[1], LayerNorm.Epsilon2d);
        _mask2 = new Conv2d(inner / 4, inner, kernel: 2, down[3], stride: 2);
        _maskNorm2 = new LayerNorm(inner, down[4], LayerNorm.Epsilon2d);
        _mask3 = new Conv2d(inner, channels, kernel: 1, down[6]);
        _noMask = w["no_mask_embed"].Get("weight", Initializer.Normal(), decays: false, 1, channels);
    }

    /// <summary>
    /// Embeddings of points: [prompts, count, C]. Coordinates are pixels of the (padded, square) input of side
    /// <paramref name="size"/>, shifted to pixel centres; labels are those of <see cref="PointLabel"/>.
    /// </summary>
    public Tensor EmbedPoints(ReadOnlySpan<PromptToken> tokens, int prompts, int size)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        int count = tokens.Length / prompts;
        Tensor positions = Tape.New([prompts, count, _channels]);
        int[] kinds = new int[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            Span<float> row = positions.Span.Slice(i * _channels, _channels);
            kinds[i] = (int)tokens[i].Label + 1;
            if (tokens[i].Label == PointLabel.None)
                row.Clear();
            else
                Encode(tokens[i].X / size, tokens[i].Y / size, row);
        }

        Tensor table = LayoutOps.Concatenate(
            Row(_notAPoint), Row(_pointEmbeddings[0]), Row(_pointEmbeddings[1]), Row(_pointEmbeddings[2]),
            Row(_pointEmbeddings[3]));
        return positions.Add(table.Reshape(5, _channels).GatherRows(kinds, unique: false, prompts, count, _channels));

        static Tensor Row(Weight w) => w.Value.Reshape(1, 1, w.Value.Channels);
    }

    /// <summary>Positional encoding of the tokens of the image embedding: [1, side * side, C].</summary>
    public Tensor DensePositions(int side)
    {
        Tensor positions = Tape.New([1, side * side, _channels]);
        lock (_gate)
        {
            // Cached for the last size: sines are slow.
            if (_dense.Length != positions.Count || _denseVersion != _frequencies.Version)
            {
                _dense = new float[positions.Count];
                _denseVersion = _frequencies.Version;
                for (int i = 0; i < side * side; i++)
                {
                    Encode(
                        (i % side + 0.5f) / side, (i / side + 0.5f) / side, _dense.AsSpan(i * _channels, _channels));
                }
            }

            _dense.CopyTo(positions.Span);
        }

        return positions;
    }

    /// <summary>Mask logits [prompts, 4 side, 4 side, 1] to [prompts, side, side, C].</summary>
    public Tensor EmbedMasks(Tensor logits)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        Tensor x = _maskNorm1.Forward(_mask1.Forward(logits)).Gelu();
        x = _maskNorm2.Forward(_mask2.Forward(x)).Gelu();
        return _mask3.Forward(x);
    }

    /// <summary>The embedding that replaces a missing mask prompt: [1, C].</summary>
    public Tensor NoMask => _noMask.Value;

    /// <summary>Sines, then cosines of 2 pi (2 p - 1) G, for p in [0, 1].</summary>
    private void Encode(float x, float y, Span<float> target)
    {
        int half = _channels / 2;
        ReadOnlySpan<float> g = _frequencies.Value.Span;
        float cx = 2 * x - 1, cy = 2 * y - 1;
        for (int i = 0; i < half; i++)
        {
            float angle = 2 * MathF.PI * (cx * g[i] + cy * g[half + i]);
            target[i] = MathF.Sin(angle);
            target[half + i] = MathF.Cos(angle);
        }
    }
}
