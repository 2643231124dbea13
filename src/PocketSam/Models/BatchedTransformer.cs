using PocketSam.Kernels;
using PocketSam.Kernels.Decoder;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// <see cref="TwoWayTransformer"/> for a batch of prompts on one picture, rearranged: equal up to rounding. Tokens are
/// few and image rows are many, so as much as possible is multiplied into the tokens:
/// <list type="bullet">
/// <item>token to image: q . (Wk x + bk) is (Wk^T q) . x plus a constant that cancels in the softmax; sum a (Wv x + bv)
/// is Wv (sum a x) + bv;</item>
/// <item>image to token: (Wq x + bq) . k is (Wq^T k) . x + bq . k,
/// and the output projection is applied to the tokens' values;</item>
/// <item>the tokens of a layer are final before its image rows are, so the rows of one layer and the next layer's
/// attention to them take one pass over the rows (<see cref="TwoWayKernel"/>).</item>
/// </list>
/// The first layer reads projections that all prompts without a mask share (<see cref="PreparedImage"/>).
/// </summary>
internal sealed unsafe class BatchedTransformer
{
    /// <summary>Image rows in a part; each part has its own sums.</summary>
    private const int PartRows = 1024;

    private readonly TwoWayTransformer _transformer;
    private readonly PreparedRows _image;
    private readonly bool _shared;
    private readonly Tensor _rows;
    private readonly int _prompts, _tokens, _channels, _inner, _heads, _imageRows, _parts;
    private readonly float* _sums;

    /// <summary>
    /// A batch of <paramref name="prompts"/> prompts of <paramref name="tokens"/> tokens. <paramref name="rows"/>
    /// receives the image rows of each; unless <paramref name="shared"/>, it already holds them.
    /// </summary>
    public BatchedTransformer(
        SamConfig config, TwoWayTransformer transformer, PreparedRows image, Tensor rows, bool shared, int prompts,
        int tokens)
    {
        _transformer = transformer;
        _image = image;
        _rows = rows;
        _shared = shared;
        (_prompts, _tokens) = (prompts, tokens);
        (_channels, _inner, _heads) = (config.PromptEmbedDim, config.PromptEmbedDim / 2, config.DecoderHeads);
        _imageRows = image.Features.Rows;
        _parts = Parts(_imageRows);
        _sums = Tape.Temporary(TokenSums.Size(_heads, _tokens, _channels) * _parts * _prompts);
    }

    private int HeadTokens => _heads * _tokens;

    private int Dim => _inner / _heads;

    /// <summary>
    /// Floats that a prompt of <paramref name="tokens"/> tokens takes
    /// in addition to its image rows: sums and folded tokens.
    /// </summary>
    public static nint FloatsBeside(SamConfig config, int imageRows, int tokens)
    {
        int heads = config.DecoderHeads, channels = config.PromptEmbedDim;
        return TokenSums.Size(heads, tokens, channels) * Parts(imageRows)
            + (nint)4 * config.DecoderDepth * heads * tokens * channels;
    }

    /// <summary>Transforms the tokens of all prompts, [P, T, C].</summary>
    public Tensor Forward(Tensor points)
    {
        using Tape.LayerScope scope = Tape.Enter(_transformer.Key);
        TwoWayTransformer.Layer[] layers = _transformer.Layers;
        Tensor tokens = layers[0].AttendToSelf(points, points);
        TwoWayKernel.TokenSide queries = Query(layers[0].TokenToImage, tokens.Add(points), _shared);
        Run(default, queries, first: true, update: false);
        for (int i = 0; i < layers.Length; i++)
        {
            TwoWayTransformer.Layer layer = layers[i];
            Tensor gathered = Collect(layer.TokenToImage, queries);
            tokens = layer.Norm2.Forward(layer.TokenToImage.Output.Forward(gathered, residual: tokens));
            tokens = layer.FeedForward(tokens);
            TwoWayKernel.ImageSide attended = Attend(layer, tokens.Add(points), tokens, _shared && i == 0);
            MultiHeadAttention next = _transformer.Final;
            if (i + 1 < layers.Length)
            {
                next = layers[i + 1].TokenToImage;
                tokens = layers[i + 1].AttendToSelf(tokens, points);
            }

            queries = Query(next, tokens.Add(points), projected: false);
            Run(attended, queries, first: i == 0, update: true);
        }

        MultiHeadAttention final = _transformer.Final;
        return _transformer.FinalNorm.Forward(final.Output.Forward(Collect(final, queries), residual: tokens));
    }

    /// <summary>
    /// Queries of the tokens for the image rows: those of the first prompt; the others follow in memory.
    /// </summary>
    private TwoWayKernel.TokenSide Query(MultiHeadAttention attention, Tensor placed, bool projected)
    {
        Tensor queries = attention.Query.Forward(placed);
        return projected
            ? new() { Queries = queries.Data, QueryStride = _inner, Keys = _image.Keys.Data, Values = _image.Values.Data }
            : new() { Queries = Fold(attention.Key, queries), QueryStride = _channels };
    }

    /// <summary>
    /// Keys and values of the tokens for the image rows: those of the first prompt; the others follow in memory.
    /// </summary>
    private TwoWayKernel.ImageSide Attend(TwoWayTransformer.Layer layer, Tensor placed, Tensor tokens, bool projected)
    {
        MultiHeadAttention attention = layer.ImageToToken;
        Tensor keys = attention.Key.Forward(placed), values = attention.Value.Forward(tokens);
        return new TwoWayKernel.ImageSide
        {
            Keys = projected ? keys.Data : Fold(attention.Query, keys),
            KeyStride = projected ? _inner : _channels,
            Queries = projected ? _image.Queries.Data : null,
            Offsets = projected ? null : Offsets(attention.Query.Weights.Bias, keys),
            Values = FoldOutput(attention.Output, values),
            OutputBias = attention.Output.Weights.Bias.Value.Data,
            NormGain = layer.Norm4.Weights.Weight.Value.Data,
            NormBias = layer.Norm4.Weights.Bias.Value.Data,
            Epsilon = layer.Norm4.Epsilon,
        };
    }

    /// <summary>
    /// The output projection of each token's value, [P, C, heads * T]: out = sum over h, t of a[h, t] Wo_h v_h[t].
    /// </summary>
    private float* FoldOutput(Linear projection, Tensor values)
    {
        Weight weight = projection.Weights.Weight;
        float* weights = weight.Value.Data;
        return Tape.Run(
            new FusedOp("FoldOutput", (long)_prompts * _tokens * weight.Count, y => Workers.For(_prompts * _heads, i =>
            {
                int prompt = i / _heads, head = i % _heads;
                FoldedTokenProjection.Outputs(
                    values.Data + (nint)prompt * _tokens * _inner + head * Dim, _inner, _tokens, Dim, weights + head * Dim,
                    _inner, _channels, y.Data + (nint)prompt * _channels * HeadTokens + head * _tokens, HeadTokens);
            })),
            [_prompts, _channels, HeadTokens], values, weight).Data;
    }

    /// <summary>
    /// Multiplies a projection of image rows into tokens [P, T, inner], head by head: [P, heads * T, C].
    /// </summary>
    private float* Fold(Linear projection, Tensor tokens)
    {
        Weight weight = projection.Weights.Weight;
        float* weights = weight.Value.Data;
        return Tape.Run(
            new FusedOp("FoldInput", (long)_prompts * _tokens * weight.Count, y => Workers.For(_prompts * _heads, i =>
            {
                int prompt = i / _heads, head = i % _heads;
                FoldedTokenProjection.Inputs(
                    tokens.Data + (nint)prompt * _tokens * _inner + head * Dim, _inner, _tokens, Dim,
                    weights + (nint)head * Dim * _channels, _channels, y.Data + (nint)i * _tokens * _channels);
            })),
            [_prompts, HeadTokens, _channels], tokens, weight).Data;
    }

    /// <summary>The product of a bias with each token, head by head: [P, heads * T].</summary>
    private float* Offsets(Weight bias, Tensor tokens)
    {
        float* offsets = Tape.Temporary((nint)_prompts * HeadTokens);
        ReadOnlySpan<float> b = bias.Value.Span;
        for (int i = 0; i < _prompts * HeadTokens; i++)
        {
            int prompt = i / HeadTokens, head = i / _tokens % _heads, token = i % _tokens;
            ReadOnlySpan<float> row = tokens.Span.Slice((prompt * _tokens + token) * _inner + head * Dim, Dim);
            float sum = 0;
            for (int c = 0; c < Dim; c++)
                sum += b[head * Dim + c] * row[c];
            offsets[i] = sum;
        }

        return offsets;
    }

    /// <summary>One pass over the image rows of all prompts.</summary>
    private void Run(TwoWayKernel.ImageSide attended, TwoWayKernel.TokenSide queries, bool first, bool update)
    {
        bool queriesFolded = queries.Keys is null, keysFolded = attended.Queries is null;
        nint size = PackedImage.Size(_imageRows, _channels);
        int panels = PackedImage.Panels(_imageRows);

        // Scores and sums of the tokens' attention, scores and result of the rows': projected rows are multiplied with
        // tokens, whole rows with each head's folded tokens.
        long pairs = (long)_prompts * _imageRows * _tokens, projected = pairs * _inner, whole = pairs * _heads * _channels;
        long multiplyAdds = 2 * (queriesFolded ? whole : projected) + (update ? whole + (keysFolded ? whole : projected) : 0);
        Tape.RunInto(_rows, new FusedOp("TwoWayPass", multiplyAdds, _ => Workers.For(_prompts * _parts, i =>
        {
            int prompt = i / _parts, part = i % _parts;
            float* rows = _rows.Data + prompt * size;
            var pass = new TwoWayKernel
            {
                Channels = _channels,
                Inner = _inner,
                Heads = _heads,
                Tokens = _tokens,
                ImageRows = _imageRows,
                Scale = 1f / MathF.Sqrt(Dim),
                Start = panels * part / _parts,
                End = panels * (part + 1) / _parts,
                Source = _shared && first ? _image.Rows.Data : rows,
                Positions = _image.Positions.Data,
                Target = update ? rows : null,
                Image = attended,
                Token = queries,
            };
            pass.Image.Keys += prompt * (keysFolded ? (nint)HeadTokens * _channels : (nint)_tokens * _inner);
            if (keysFolded)
                pass.Image.Offsets += prompt * HeadTokens;
            pass.Image.Values += (nint)prompt * _channels * HeadTokens;
            pass.Token.Queries += prompt * (queriesFolded ? (nint)HeadTokens * _channels : (nint)_tokens * _inner);
            pass.Token.Sums = Sums(queries, i);
            Simd.Run(pass);
        })), _rows);
    }

    /// <summary>The tokens' attention results before the output projection, [P, T, inner].</summary>
    private Tensor Collect(MultiHeadAttention attention, TwoWayKernel.TokenSide queries)
    {
        TokenSums first = Sums(queries, 0);
        nint size = (nint)first.Columns * first.Values;
        float* means = Tape.Temporary(size * _prompts);
        (Weight weight, Weight bias) = attention.Value.Weights;
        float* weights = weight.Value.Data, biases = bias.Value.Data;
        bool projected = queries.Values is not null;
        long multiplyAdds = projected ? 0 : (long)_prompts * _tokens * weight.Count;
        return Tape.Run(new FusedOp("CollectValues", multiplyAdds, gathered => Workers.For(_prompts, prompt =>
        {
            float* mean = means + prompt * size, target = gathered.Data + (nint)prompt * _tokens * _inner;
            Sums(queries, prompt * _parts).Merge(_parts, TokenSums.Size(_heads, _tokens, _channels), mean);
            for (int head = 0; head < _heads; head++)
            {
                float* columns = mean + head * _tokens;
                if (!projected)
                {
                    new Gemm(
                        columns, 1, first.Columns, weights + (nint)head * Dim * _channels, 1, _channels,
                        target + head * Dim, _inner, _tokens, Dim, _channels) { Bias = biases + head * Dim }.RunHere();
                    continue;
                }

                for (int token = 0; token < _tokens; token++)
                {
                    for (int c = head * Dim; c < (head + 1) * Dim; c++)
                        target[token * _inner + c] = columns[(nint)c * first.Columns + token];
                }
            }
        })), [_prompts, _tokens, _inner], _rows, weight, bias);
    }

    private static int Parts(int imageRows) => (imageRows + PartRows - 1) / PartRows;

    /// <summary>The sums of a part, with <paramref name="part"/> counted over the parts of all prompts.</summary>
    private TokenSums Sums(in TwoWayKernel.TokenSide queries, int part)
    {
        bool projected = queries.Values is not null;
        return new TokenSums(
            _sums + part * TokenSums.Size(_heads, _tokens, _channels), _heads, _tokens, projected ? _inner : _channels,
            perHead: projected);
    }
}
