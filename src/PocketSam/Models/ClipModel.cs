using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// CLIP's image and text towers (clip/model.py, CLIP and VisionTransformer) for inference. Weights have OpenAI's names,
/// except that the joint projection of queries, keys and values is a layer <c>attn.in_proj</c>, and the two final
/// projections are layers <c>[outputs, inputs]</c> (<see cref="ClipCheckpoint"/>).
/// </summary>
internal sealed class ClipModel
{
    private readonly Conv2d _patches;
    private readonly Weight _classEmbedding;
    private readonly Weight _imagePositions;
    private readonly LayerNorm _preNorm;
    private readonly ClipTransformer _vision;
    private readonly LayerNorm _postNorm;
    private readonly Weight _imageProjection;
    private readonly Weight _tokens;
    private readonly Weight _textPositions;
    private readonly ClipTransformer _text;
    private readonly LayerNorm _finalNorm;
    private readonly Weight _textProjection;
    private readonly Weight _logitScale;

    private ClipModel(ClipConfig config, StateDict state)
    {
        config.Validate();
        (Config, State) = (config, state);
        Weights visual = state.Root["visual"], root = state.Root;
        int width = config.Vision.Width, side = config.PositionSide;
        _patches = new Conv2d(3, width, config.PatchSize, visual["conv1"], stride: config.PatchSize, bias: false);
        _classEmbedding = visual.Get("class_embedding", Initializer.Normal(), decays: false, width);
        _imagePositions = visual.Get("positional_embedding", Initializer.TruncatedNormal(), decays: false, 1 + side * side, width);
        _preNorm = new LayerNorm(width, visual["ln_pre"]);
        _vision = new ClipTransformer(config.Vision, config.Activation, isCausal: false, visual["transformer"]);
        _postNorm = new LayerNorm(width, visual["ln_post"]);
        _imageProjection = visual["proj"].Matrix("weight", Initializer.FanIn(width), isProduct: true, config.EmbedDim, width);

        int textWidth = config.Text.Width;
        _tokens = root["token_embedding"].Get("weight", Initializer.TruncatedNormal(), decays: false, config.VocabularySize, textWidth);
        _textPositions = root.Get("positional_embedding", Initializer.TruncatedNormal(), decays: false, config.ContextLength, textWidth);
        _text = new ClipTransformer(config.Text, config.Activation, isCausal: true, root["transformer"]);
        _finalNorm = new LayerNorm(textWidth, root["ln_final"]);
        _textProjection = root["text_projection"].Matrix("weight", Initializer.FanIn(textWidth), isProduct: true, config.EmbedDim, textWidth);
        _logitScale = root.Get("logit_scale", Initializer.Ones, decays: false);
    }

    public ClipConfig Config { get; }

    public StateDict State { get; }

    /// <summary>The factor of cosines: the exponential of the learned value.</summary>
    public float LogitScale => MathF.Exp(_logitScale.Value.Span[0]);

    /// <summary>Number of learned values.</summary>
    public long Parameters => State.Entries.Sum(e => (long)e.Weight.Count);

    /// <summary>A frozen model from normalised weights (<see cref="ClipCheckpoint"/>).</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint does not have this architecture.</exception>
    public static ClipModel FromCheckpoint(Checkpoint checkpoint, ClipConfig config)
    {
        var model = new ClipModel(config, StateDict.FromCheckpoint(checkpoint, isFrozen: true));
        model.State.RefuseUnknownKeys(_ => false);
        return model;
    }

    /// <summary>A model with initial values, for tests and benchmarks.</summary>
    public static ClipModel Create(ClipConfig config, int seed) => new(config, StateDict.FromSeed(seed));

    /// <summary>
    /// Encodes pictures to tokens before the final norm, [B, 1 + patches, C], the class token first. Positions are
    /// resized if the number of patches differs from that of the training.
    /// </summary>
    /// <param name="pixels">Normalised pixels [B, H, W, 3]; H and W are multiples of the patch size.</param>
    /// <param name="isDense">Whether patch tokens keep their local content
    /// (<see cref="ClipTransformer.ApplyDense"/>).</param>
    /// <param name="cancellation">Checked before each block.</param>
    public Tensor ImageTokens(Tensor pixels, bool isDense = false, CancellationToken cancellation = default)
    {
        using Tape.LayerScope layer = Tape.Enter("visual");
        Tensor x = FirstTokens(pixels);
        if (isDense)
            _vision.ApplyDense(x, cancellation);
        else
            _vision.Apply(x, cancellation);
        return x;
    }

    /// <summary>Class and patch tokens with their positions, through the first norm.</summary>
    private Tensor FirstTokens(Tensor pixels)
    {
        int batch = pixels.Shape[0], rows = pixels.Shape[1] / Config.PatchSize, columns = pixels.Shape[2] / Config.PatchSize;
        int channels = Config.Vision.Width, side = Config.PositionSide;
        Tensor patches = _patches.Forward(pixels).Reshape(batch, rows * columns, channels);
        Tensor classToken = _classEmbedding.Value.Reshape(1, 1, channels).RepeatItems(batch);
        Tensor x = LayoutOps.Concatenate(classToken, patches).AddRepeated(
            rows == side && columns == side ? _imagePositions.Value : Positions(rows, columns));
        return _preNorm.Forward(x);
    }

    /// <summary>The final norm and the projection of tokens: [N, C] to [N, D].</summary>
    public Tensor ProjectImage(Tensor tokens)
    {
        using Tape.LayerScope layer = Tape.Enter("visual");
        return _postNorm.Forward(tokens).Linear(_imageProjection, null);
    }

    /// <summary>Pictures [B, H, W, 3] to embeddings [B, D], not normalised.</summary>
    public Tensor EmbedImages(Tensor pixels, CancellationToken cancellation = default)
    {
        using Tape.LayerScope layer = Tape.Enter("visual");
        return ProjectImage(_vision.ApplyToFirst(FirstTokens(pixels), cancellation));
    }

    /// <summary>
    /// Token ids to embeddings [texts, D], not normalised. A text ends at the first occurrence of its largest id, that
    /// of the end token (clip/model.py, encode_text); later ids are ignored.
    /// </summary>
    /// <param name="ids">The ids of each text: 1 to
    /// <see cref="ClipConfig.ContextLength"/> ids of the vocabulary.</param>
    /// <param name="cancellation">Checked before each block.</param>
    public Tensor EmbedTexts(IReadOnlyList<int[]> ids, CancellationToken cancellation = default)
    {
        int texts = ids.Count, channels = Config.Text.Width;
        int[] ends = [.. ids.Select(text => Array.IndexOf(text, text.Max()))];
        int length = ends.Max() + 1;
        int[] rows = new int[texts * length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = i % length <= ends[i / length] ? ids[i / length][i % length] : 0;
        Tensor x = _tokens.Value.GatherRows(rows, unique: false, texts, length, channels)
            .AddRepeated(_textPositions.Value.Reshape(1, Config.ContextLength, channels).Slice(0, length).Reshape(length, channels));
        _text.Apply(x, cancellation);
        int[] last = [.. ends.Select((end, i) => i * length + end)];
        return _finalNorm.Forward(x.Reshape(texts * length, channels).GatherRows(last, unique: true, texts, channels))
            .Linear(_textProjection, null);
    }

    private Tensor Positions(int rows, int columns)
    {
        int channels = Config.Vision.Width, side = Config.PositionSide;
        Tensor all = _imagePositions.Value.Reshape(1, 1 + side * side, channels);
        Tensor grid = all.Slice(1, side * side).Reshape(side * side, channels).ResizeBicubic(side, side, rows, columns);
        return LayoutOps.Concatenate(all.Slice(0, 1), grid).Reshape(1 + rows * columns, channels);
    }
}
