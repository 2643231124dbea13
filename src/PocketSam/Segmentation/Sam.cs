using System.Runtime.InteropServices;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;

namespace PocketSam;

/// <summary>
/// Finds the masks of objects in pictures. Encode a picture once, then prompt as often as needed. Immutable and safe
/// for concurrent use.
/// </summary>
/// <example>
/// <code>
/// using ImageEmbedding photo = Sam.Default.Encode(image);
/// BinaryMask cat = Sam.Default.Predict(photo, Prompt.Point(520, 310)).Best.Bits;
/// </code>
/// </example>
public sealed class Sam
{
    /// <summary>The name of the model that is embedded in this library.</summary>
    public const string DefaultName = "default";

    /// <summary>
    /// The name of the larger model, whose masks are better: encoding takes five times as long, a click twice as long.
    /// Its file, <c>quality.safetensors</c>, is in the folder <c>models</c> beside the program, or in the folder that
    /// <c>POCKETSAM_MODELS</c> names.
    /// </summary>
    public const string QualityName = "quality";

    private const string DefaultResource = "PocketSam.models.default.safetensors";

    private static readonly Lazy<Sam> LazyDefault =
        new(() => new Sam(SamModel.FromCheckpoint(ReadDefault(), isFrozen: true), DefaultName));

    private readonly SamModel _model;
    private readonly ModelIdentity _identity;
    private readonly Lazy<string> _decoderFingerprint;
    private readonly TapeListener? _listener;

    private Sam(SamModel model, string name, TapeListener? listener = null)
    {
        (_model, _listener) = (model, listener);
        _identity = new ModelIdentity(name, model);
        _decoderFingerprint = new(() => ModelIdentity.DecoderFingerprint(model));
        VectorWidth.ReportOnce();
    }

    private Sam(SamModel model, ModelIdentity identity, Lazy<string> decoderFingerprint)
        => (_model, _identity, _decoderFingerprint) = (model, identity, decoderFingerprint);

    /// <summary>The model that is embedded in this library, loaded on first use.</summary>
    /// <exception cref="InvalidOperationException">The library was built without one.</exception>
    public static Sam Default => LazyDefault.Value;

    /// <summary><see cref="QualityName"/> if it is installed, otherwise <see cref="DefaultName"/>.</summary>
    public static string PreferredName => InstalledModels.PathOf(QualityName) is null ? DefaultName : QualityName;

    /// <summary>
    /// <see cref="DefaultName"/>, <see cref="QualityName"/>, or the file or name that it was loaded from.
    /// </summary>
    public string Name => _identity.Name;

    /// <summary>
    /// Identifies models that make the same embeddings: 32 hexadecimal digits from all weights of the image encoder in
    /// single precision. Computed on first use.
    /// </summary>
    public string Fingerprint => _identity.Fingerprint;

    /// <summary>
    /// Identifies the other weights: models that share both fingerprints find the same masks. Computed on first use.
    /// </summary>
    public string DecoderFingerprint => _decoderFingerprint.Value;

    /// <summary>The architecture.</summary>
    public SamConfig Config => _model.Config;

    /// <summary>The model's own vocabulary (<see cref="WordGrounder"/>); null if its file has none.</summary>
    public WordVocabulary? Words => _model.Words;

    /// <summary>Number of learned values.</summary>
    public long Parameters => _model.Parameters;

    /// <summary>The network.</summary>
    internal SamModel Model => _model;

    /// <summary>
    /// A model from a checkpoint in memory or in a file, for instance the result of <see cref="ModelQuantizer"/>.
    /// </summary>
    /// <param name="checkpoint">The weights and their metadata; not used after the call.</param>
    /// <param name="name">The model's name.</param>
    /// <exception cref="CheckpointFormatException">The checkpoint's architecture is unknown.</exception>
    public static Sam FromCheckpoint(Checkpoint checkpoint, string name)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Sam(SamModel.FromCheckpoint(checkpoint, isFrozen: true), name);
    }

    /// <summary>
    /// Loads a model by name, or from a file written by PocketSam or an official file of SAM, MobileSAM or TinySAM.
    /// </summary>
    /// <param name="nameOrPath"><see cref="DefaultName"/>, <see cref="QualityName"/> if it is installed, the name of a
    /// pulled model of <see cref="PublishedModels"/> (nothing is downloaded here), or the path of a safetensors or
    /// <c>torch.save</c> file that has its architecture in its metadata, or the keys and shapes of a known one.</param>
    /// <exception cref="ArgumentException">The name is that of an architecture, which has no weights, or of a backbone
    /// or a CLIP, which find no masks.</exception>
    /// <exception cref="CheckpointFormatException">The file is no such checkpoint; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be read, or the model is not installed.</exception>
    /// <exception cref="InvalidOperationException">The library was built without a default model.</exception>
    public static Sam Load(string nameOrPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        if (nameOrPath == DefaultName)
            return Default;
        if (ModelZoo.Find(nameOrPath) is not null && !File.Exists(nameOrPath))
        {
            throw new ArgumentException(
                $"{nameOrPath} is the name of an architecture: give '{DefaultName}', '{QualityName}' or a file that holds its weights");
        }

        if (PublishedModels.Find(nameOrPath) is { ClipConfiguration: not null } && !File.Exists(nameOrPath))
            throw new ArgumentException($"{nameOrPath} is a CLIP: it understands words (--text-model) and finds no masks");
        if (PublishedModels.Find(nameOrPath) is { Architecture: null } && !File.Exists(nameOrPath))
        {
            throw new ArgumentException(
                $"{nameOrPath} is a backbone: it begins a training ('pocketsam train --init-encoder {nameOrPath}') and finds no masks");
        }

        using Checkpoint checkpoint = ReadCheckpoint(nameOrPath);
        return new Sam(SamModel.FromCheckpoint(checkpoint, isFrozen: true), nameOrPath);
    }

    /// <summary>
    /// Opens the checkpoint of <see cref="Load"/> without building a
    /// network; the file stays open until the result is disposed of.
    /// </summary>
    /// <param name="nameOrPath">As for <see cref="Load"/>.</param>
    /// <exception cref="IOException">The file cannot be read, is no
    /// checkpoint, or the model is not installed.</exception>
    /// <exception cref="InvalidOperationException">The library was built without a default model.</exception>
    public static Checkpoint ReadCheckpoint(string nameOrPath)
        => PathOf(nameOrPath) is { } path ? CheckpointFile.Read(path) : ReadDefault();

    /// <summary>The path of the file that <see cref="Load"/> reads; null for the embedded model.</summary>
    /// <param name="nameOrPath">As for <see cref="Load"/>.</param>
    /// <exception cref="FileNotFoundException">The named model is not installed and was not pulled.</exception>
    /// <exception cref="IOException">The file was changed after it was pulled.</exception>
    public static string? PathOf(string nameOrPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        if (nameOrPath == DefaultName)
            return null;
        PublishedModel? published = PublishedModels.Find(nameOrPath);
        if ((nameOrPath != QualityName && published is null) || File.Exists(nameOrPath))
            return nameOrPath;
        if (InstalledModels.PathOf(nameOrPath) is { } installed)
            return installed;
        if (published is null)
        {
            throw new FileNotFoundException(
                $"the model '{QualityName}' is not installed: {QualityName}.safetensors lies in none of "
                + $"{string.Join(", ", InstalledModels.Folders)}");
        }

        ModelCache cache = ModelCache.Default;
        return cache.PathOf(published) ?? throw new FileNotFoundException(
            $"the model '{nameOrPath}' is not here: 'pocketsam pull {nameOrPath}' fetches it ({published.Megabytes} MB, "
            + $"{published.Licence}), or put {published.Address} at {cache.OriginalOf(published)}");
    }

    /// <summary>
    /// Wraps a network without copying it; its owner must not train it meanwhile. <paramref name="listener"/> listens
    /// to, or computes, the encoding of pictures.
    /// </summary>
    internal static Sam Over(SamModel model, string? name = null, TapeListener? listener = null)
        => new(model, name ?? model.Config.Name, listener);

    /// <summary>
    /// The model without its vocabulary: its embeddings have no word scores and take less memory. Embeddings of both
    /// models are interchangeable.
    /// </summary>
    public Sam WithoutWords() => Words is null ? this : new(_model.WithoutWords(), _identity, _decoderFingerprint);

    /// <summary>
    /// This model or, if it has integer products, the same weights in float arithmetic, as other programs compute them.
    /// The latter's embeddings are those of another model.
    /// </summary>
    public Sam InFloats() => _model.State.Entries.All(entry => entry.Weight.Quantized is null) ? this : Over(
        SamModel.FromCheckpoint(
            new Checkpoint(Name, _model.State.ToStored(DataType.Float32).ToDictionary(), _model.Metadata()), isFrozen: true), Name);

    /// <summary>
    /// The model with parts replaced by backends. Its embeddings and this model's are interchangeable.
    /// </summary>
    /// <param name="encoder">Replaces the image encoder; null to keep it.</param>
    /// <param name="decoder">Replaces prompt encoder and mask decoder; null to keep them.</param>
    public Sam WithBackend(IEncoderBackend? encoder, IDecoderBackend? decoder = null) => new(
        _model.With(
            encoder is null ? null : new BackendImageEncoder(encoder, Config),
            decoder is null ? null : new BackendMaskDecoder(decoder, Config)),
        _identity, _decoderFingerprint);

    /// <summary>A model that backends compute entirely, without weights in this process.</summary>
    /// <param name="config">The architecture; the encoder's numbers are not used.</param>
    /// <param name="name">The model's name, for messages.</param>
    /// <param name="fingerprint">Identifies models that make the same embeddings.</param>
    /// <param name="encoder">The image encoder.</param>
    /// <param name="decoder">Prompt encoder and mask decoder.</param>
    /// <exception cref="ArgumentException">The architecture is invalid.</exception>
    public static Sam FromBackend(
        SamConfig config, string name, string fingerprint, IEncoderBackend encoder, IDecoderBackend decoder)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(fingerprint);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(decoder);
        SamModel model = SamModel.Describe(config)
            .With(new BackendImageEncoder(encoder, config), new BackendMaskDecoder(decoder, config));
        return new Sam(model, new ModelIdentity(name, () => fingerprint), new(fingerprint));
    }

    /// <summary>Computes the features that all prompts for a picture share, which takes most of the time.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="imageSize">Side of the model's input in pixels: a multiple of 64 (of 16 for DINOv2's encoder) from
    /// 64 to 4096; null for the model's own, <see cref="SamConfig.ImageSize"/>. Smaller is faster, larger shows more
    /// detail. SAM's own encoders accept no other.</param>
    /// <param name="cancellation">Stops the computation between layers.</param>
    /// <param name="progress">The fraction of the encoder's blocks done, 0 to 1.</param>
    /// <exception cref="ArgumentException">The input size is no multiple of 64 (or 16), out of range, or not the one of
    /// the encoder's position embeddings.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public ImageEmbedding Encode(
        RgbImage image, int? imageSize = null, CancellationToken cancellation = default,
        IProgress<double>? progress = null)
        => EncodeWithObserver(image, imageSize, cancellation, progress, beforeNeck: null);

    /// <summary>
    /// <see cref="Encode"/> with an observer: <paramref name="beforeNeck"/>
    /// receives the input of the encoder's neck; may be null.
    /// </summary>
    internal ImageEmbedding EncodeWithObserver(
        RgbImage image, int? imageSize, CancellationToken cancellation, IProgress<double>? progress, Action<Tensor>? beforeNeck)
    {
        ArgumentNullException.ThrowIfNull(image);
        Config.ValidateInputSize(imageSize ?? Config.ImageSize);
        var geometry = ImageGeometry.For(
            image.Width, image.Height, imageSize ?? Config.ImageSize, Config.Encoder.SideMultiple);
        cancellation.ThrowIfCancellationRequested();
        using Tape tape = Tape.Inference(_listener);
        EncoderInput input = ImagePreparation.ToInput(image, geometry, Config.Encoder);
        cancellation.ThrowIfCancellationRequested();
        PictureWords? words = null;
        if (Words is { } vocabulary)
            beforeNeck += features => words = PictureWords.Of(vocabulary, features, geometry);
        Tensor values = _model.ImageEncoder.Forward(input, cancellation, progress, beforeNeck);
        GC.KeepAlive(_model);
        var embedding = new ImageEmbedding(geometry, values.Channels, _identity) { Words = words };
        using ImageEmbedding.Loan loan = embedding.Borrow();
        values.Span.CopyTo(loan.Tensor.Span);
        return embedding;
    }

    /// <summary>
    /// <see cref="Encode"/> on a thread of the pool, for callers that must not block; it is not faster.
    /// </summary>
    /// <inheritdoc cref="Encode"/>
    public Task<ImageEmbedding> EncodeAsync(
        RgbImage image, int? imageSize = null, CancellationToken cancellation = default,
        IProgress<double>? progress = null)
        => Task.Run(() => Encode(image, imageSize, cancellation, progress), cancellation);

    /// <summary>Finds one object.</summary>
    /// <param name="embedding">The picture.</param>
    /// <param name="prompt">The object.</param>
    /// <param name="multimask">Whether to return several candidates (the whole, a part,
    /// a part of the part) or only the likeliest. Null means several for a single point
    /// without box and mask, which is ambiguous, and otherwise one.</param>
    /// <param name="cancellation">Checked before the computation and before masks are made.</param>
    /// <exception cref="PromptException">The prompt does not fit the picture.</exception>
    /// <exception cref="ArgumentException">The embedding is from another model.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public Prediction Predict(
        ImageEmbedding embedding, Prompt prompt, bool? multimask = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return Predict(embedding, [prompt], multimask, cancellation)[0];
    }

    /// <summary>
    /// <see cref="Predict(ImageEmbedding, Prompt, bool?, CancellationToken)"/> on a thread of the pool, for callers
    /// that must not block.
    /// </summary>
    /// <inheritdoc cref="Predict(ImageEmbedding, Prompt, bool?, CancellationToken)"/>
    public Task<Prediction> PredictAsync(
        ImageEmbedding embedding, Prompt prompt, bool? multimask = null, CancellationToken cancellation = default)
        => Task.Run(() => Predict(embedding, prompt, multimask, cancellation), cancellation);

    /// <summary>Finds many objects; the result for each does not depend on the others.</summary>
    /// <param name="embedding">The picture.</param>
    /// <param name="prompts">The objects; prompts may be of different kinds.</param>
    /// <param name="multimask">As for a single prompt, for all of them.</param>
    /// <param name="cancellation">Checked between batches of prompts.</param>
    /// <returns>A prediction for each prompt, in the same order.</returns>
    /// <exception cref="PromptException">A prompt does not fit the picture.</exception>
    /// <exception cref="ArgumentException">The embedding is from another model.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public IReadOnlyList<Prediction> Predict(
        ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask = null,
        CancellationToken cancellation = default)
        => [.. Predict(embedding, prompts, multimask, Enlarge, cancellation).Select((masks, i) => new Prediction(
            masks, masks[BestOf(prompts[i], multimask, [.. masks.Select(mask => mask.PredictedIou)])]))];

    /// <summary>
    /// <see cref="Predict(ImageEmbedding, IReadOnlyList{Prompt}, bool?, CancellationToken)"/> on a thread of the pool,
    /// for callers that must not block.
    /// </summary>
    /// <inheritdoc cref="Predict(ImageEmbedding, IReadOnlyList{Prompt}, bool?, CancellationToken)"/>
    public Task<IReadOnlyList<Prediction>> PredictAsync(
        ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask = null,
        CancellationToken cancellation = default)
        => Task.Run(() => Predict(embedding, prompts, multimask, cancellation), cancellation);

    /// <summary>
    /// Finds many objects like
    /// <see cref="Predict(ImageEmbedding, IReadOnlyList{Prompt}, bool?, CancellationToken)"/>, with the same
    /// bits, but computes only the pixels in the box of each mask, which is much faster on a large picture.
    /// </summary>
    /// <param name="embedding">The picture.</param>
    /// <param name="prompts">The objects; prompts may be of different kinds.</param>
    /// <param name="multimask">As for a single prompt, for all of them.</param>
    /// <param name="cancellation">Checked between batches of prompts.</param>
    /// <returns>A prediction for each prompt, in the same order.</returns>
    /// <exception cref="PromptException">A prompt does not fit the picture.</exception>
    /// <exception cref="ArgumentException">The embedding is from another model.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public IReadOnlyList<CroppedPrediction> PredictCropped(
        ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask = null,
        CancellationToken cancellation = default)
        => [.. Predict(embedding, prompts, multimask, Crop, cancellation).Select((masks, i) => new CroppedPrediction(
            masks, BestOf(prompts[i], multimask, [.. masks.Select(mask => mask.PredictedIou)])))];

    /// <summary>Finds one object and looks closer at it.</summary>
    /// <inheritdoc cref="PredictZoomed(RgbImage, ImageEmbedding, IReadOnlyList{Prompt}, bool?, IProgress{double}?, CancellationToken)"/>
    public Prediction PredictZoomed(
        RgbImage image, ImageEmbedding embedding, Prompt prompt, bool? multimask = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return PredictZoomed(image, embedding, [prompt], multimask, progress: null, cancellation)[0];
    }

    /// <summary>
    /// Finds many objects like <see cref="Predict(ImageEmbedding, IReadOnlyList{Prompt}, bool?, CancellationToken)"/>, then
    /// looks closer at each: a square around it, twice as large, is encoded by itself, and each mask is looked for in it
    /// again, by the prompt and, if that is points only, by the mask itself. The result is where the mean of both logits
    /// is above zero. Better masks, above all of small objects, for the time of encoding a picture per prompt. An object
    /// longer than 40 % of the picture is not looked at again.
    /// </summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="embedding">The same picture, encoded; its input size is that of the closer looks too.</param>
    /// <param name="prompts">The objects; prompts may be of different kinds.</param>
    /// <param name="multimask">As for a single prompt, for all of them.</param>
    /// <param name="progress">The fraction of the prompts done, 0 to 1.</param>
    /// <param name="cancellation">Checked between prompts and between the encoder's layers.</param>
    /// <returns>A prediction for each prompt, in the same order; predicted IoUs are the means of both answers'.</returns>
    /// <exception cref="PromptException">A prompt does not fit the picture.</exception>
    /// <exception cref="ArgumentException">The embedding is from another model or of a picture of another size.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public IReadOnlyList<Prediction> PredictZoomed(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask = null,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(embedding);
        if (image.Width != embedding.Geometry.Width || image.Height != embedding.Geometry.Height)
        {
            throw new ArgumentException(
                $"the picture is {image.Width}x{image.Height}, and the embedding of one of "
                + $"{embedding.Geometry.Width}x{embedding.Geometry.Height}", nameof(image));
        }

        Prediction[] found = [.. Predict(embedding, prompts, multimask, cancellation)];
        Sam closer = WithoutWords();
        for (int i = 0; i < found.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (ZoomWindow.Around(prompts[i], found[i].Best.Box, embedding.Geometry) is { } window)
            {
                using ImageEmbedding part = closer.Encode(image.Crop(window.Box), embedding.Geometry.InputSize, cancellation);
                Mask[] masks = window.Combine(found[i].Masks, closer.FindAgain(part, window, prompts[i], found[i].Masks, cancellation), part.Upsampler);
                found[i] = new Prediction(masks, masks[BestOf(prompts[i], multimask, [.. masks.Select(mask => mask.PredictedIou)])]);
            }

            progress?.Report((i + 1.0) / found.Length);
        }

        return found;
    }

    /// <inheritdoc cref="PredictZoomed(RgbImage, ImageEmbedding, IReadOnlyList{Prompt}, bool?, IProgress{double}?, CancellationToken)"/>
    /// <remarks>On a thread of the pool, for callers that must not block.</remarks>
    public Task<IReadOnlyList<Prediction>> PredictZoomedAsync(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask = null,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
        => Task.Run(() => PredictZoomed(image, embedding, prompts, multimask, progress, cancellation), cancellation);

    /// <summary>The masks of a prompt for the whole picture, found again in a window.</summary>
    private Mask[] FindAgain(ImageEmbedding part, ZoomWindow window, Prompt prompt, IReadOnlyList<Mask> found, CancellationToken cancellation)
        => found.Count > 1 && (prompt.BoundingBox is not null || prompt.HasMask)
            ? [.. Predict(part, window.ToWindow(prompt, found[0]), multimask: true, cancellation).Masks]
            : [.. Predict(part, [.. found.Select(mask => window.ToWindow(prompt, mask))], multimask: false, cancellation).Select(again => again.Best)];

    /// <summary>
    /// Index of the best mask: the one with the highest predicted IoU, or the one for unambiguous prompts.
    /// </summary>
    private int BestOf(Prompt prompt, bool? multimask, ReadOnlySpan<float> predictedIou)
        => multimask is null && prompt.IsAmbiguous && Config.FirstMask == FirstMask.Single
            ? 0 : System.Numerics.Tensors.TensorPrimitives.IndexOfMax(predictedIou);

    /// <summary>
    /// Decodes prompts batch by batch; <paramref name="make"/> makes masks from logits and predicted IoU.
    /// </summary>
    private TMask[][] Predict<TMask>(
        ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask,
        Func<ImageEmbedding, Tensor, List<float>, TMask[]> make, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(prompts);
        RequireOwn(embedding);
        foreach (Prompt prompt in prompts)
        {
            ArgumentNullException.ThrowIfNull(prompt, nameof(prompts));
            prompt.Validate(embedding.Geometry);
        }

        var results = new TMask[prompts.Count][];
        using ImageEmbedding.Loan loan = embedding.Borrow();
        PreparedImage image = loan.Prepare(_model.PromptDecoder);
        foreach (PromptBatch batch in PromptBatch.Split(
            prompts, embedding.Geometry, tokens => _model.PromptDecoder.PromptsAtOnce(embedding.Side, tokens)))
        {
            cancellation.ThrowIfCancellationRequested();
            Predict(embedding, image, prompts, batch, multimask, make, results, cancellation);
        }

        return results;
    }

    /// <summary>
    /// Checks that an embedding is from this model; one of unknown origin passes if its number of channels fits.
    /// </summary>
    /// <exception cref="ArgumentException">The embedding is from another model.</exception>
    internal void RequireOwn(ImageEmbedding embedding)
    {
        string source = embedding.Source is { } path ? $"{path}: " : "";
        if (embedding.Model is { } maker && !maker.IsSameAs(_identity))
        {
            throw new ArgumentException(
                $"{source}the embedding is not this model's: {maker} made it, and this is {_identity}");
        }

        if (embedding.Channels != Config.FeatureChannels)
        {
            throw new ArgumentException(
                $"{source}an embedding of {embedding.Channels} channels is not this model's, "
                + $"which has {Config.FeatureChannels}");
        }
    }

    private void Predict<TMask>(
        ImageEmbedding embedding, PreparedImage image, IReadOnlyList<Prompt> prompts, PromptBatch batch, bool? multimask,
        Func<ImageEmbedding, Tensor, List<float>, TMask[]> make, TMask[][] results, CancellationToken cancellation)
    {
        List<MaskChoice> choices = [];
        List<float> predictedIou = [];
        int[] ends = new int[batch.Places.Length];
        TMask[] made;
        using (Tape.Inference())
        {
            DecodedPrompts decoded = _model.PromptDecoder.Decode(
                image, batch.Tokens, batch.Places.Length, PreviousMasks(batch.PreviousLogits));
            int masks = decoded.Iou.Channels;
            for (int i = 0; i < ends.Length; i++)
            {
                // Mask 0 is for unambiguous prompts, the others are for ambiguous ones.
                (int first, int end) = multimask ?? prompts[batch.Places[i]].IsAmbiguous
                    ? (multimask is null && Config.FirstMask == FirstMask.Single ? 0 : 1, masks) : (0, 1);
                for (int m = first; m < end; m++)
                {
                    choices.Add(new MaskChoice(i, m));
                    predictedIou.Add(decoded.Iou.Span[i * masks + m]);
                }

                ends[i] = choices.Count;
            }

            cancellation.ThrowIfCancellationRequested();
            made = make(
                embedding, _model.PromptDecoder.Upscale(decoded, CollectionsMarshal.AsSpan(choices)), predictedIou);
            GC.KeepAlive(_model);
        }

        for (int i = 0, start = 0; i < ends.Length; start = ends[i++])
            results[batch.Places[i]] = made[start..ends[i]];
    }

    /// <summary>Masks at the picture's size, from logits <c>[masks, side, side]</c>.</summary>
    private static Mask[] Enlarge(ImageEmbedding embedding, Tensor chosen, List<float> predictedIou)
    {
        int side = embedding.Geometry.MaskSide;
        MaskLogits[] logits =
        [
            .. Enumerable.Range(0, predictedIou.Count)
                .Select(i => new MaskLogits(side, chosen.Span.Slice(i * side * side, side * side).ToArray())),
        ];
        (BinaryMask Bits, float Stability)[] bits = embedding.Upsampler.Run(logits);
        return [.. logits.Select((low, i) => new Mask(bits[i].Bits, predictedIou[i], bits[i].Stability, low))];
    }

    /// <summary>Masks in their boxes, from logits <c>[masks, side, side]</c>.</summary>
    private static unsafe CroppedMask[] Crop(ImageEmbedding embedding, Tensor chosen, List<float> predictedIou)
    {
        nint size = (nint)embedding.Geometry.MaskSide * embedding.Geometry.MaskSide;
        var masks = new CroppedMask[predictedIou.Count];
        Workers.For(masks.Length, i =>
        {
            float* low = chosen.Data + i * size;
            (PixelBox box, float stability) = embedding.Upsampler.Measure(low, MaskUpsampler.StabilityMargin);
            BinaryMask? bits = box.IsEmpty ? null : embedding.Upsampler.Crop(low, box);
            masks[i] = new CroppedMask(bits, box, embedding.Geometry, predictedIou[i], stability);
        });
        return masks;
    }

    /// <summary>Initial masks as one tensor <c>[prompts, side, side, 1]</c>; null for none.</summary>
    private static Tensor? PreviousMasks(MaskLogits[] previous)
    {
        if (previous.Length == 0)
            return null;
        int side = previous[0].Side;
        Tensor masks = Tape.New([previous.Length, side, side, 1]);
        for (int i = 0; i < previous.Length; i++)
            previous[i].Values.CopyTo(masks.Span[(i * side * side)..]);
        return masks;
    }

    private static Checkpoint ReadDefault()
    {
        using Stream stream = typeof(Sam).Assembly.GetManifestResourceStream(DefaultResource)
            ?? throw new InvalidOperationException("this build of PocketSam has no default model: name a file");
        byte[] file = new byte[stream.Length];
        stream.ReadExactly(file);
        return Safetensors.Parse(file, DefaultName);
    }
}
