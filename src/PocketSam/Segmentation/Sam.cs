using System.Runtime.InteropServices;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;

namespace PocketSam;

/// <summary>
/// Finds the masks of objects in pictures. Encode a picture once, then prompt as often as wanted. Immutable; any number
/// of threads may use it.
/// </summary>
/// <example>
/// <code>
/// using ImageEmbedding photo = Sam.Default.Encode(image);
/// BinaryMask cat = Sam.Default.Predict(photo, Prompt.Point(520, 310)).Best.Bits;
/// </code>
/// </example>
public sealed class Sam
{
    /// <summary>The name of the model that is part of this library.</summary>
    public const string DefaultName = "default";

    /// <summary>
    /// The name of the larger model, whose masks are better: an image takes five times as long to encode, a click twice as
    /// long. Its file, <c>quality.safetensors</c>, lies in the folder <c>models</c> beside the program, or in that which
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
        VectorWidth.TellOnce();
    }

    private Sam(SamModel model, ModelIdentity identity, Lazy<string> decoderFingerprint)
        => (_model, _identity, _decoderFingerprint) = (model, identity, decoderFingerprint);

    /// <summary>The model that is part of this library, loaded at the first use.</summary>
    /// <exception cref="InvalidOperationException">The library was built without one.</exception>
    public static Sam Default => LazyDefault.Value;

    /// <summary><see cref="QualityName"/> where it is installed, else <see cref="DefaultName"/>.</summary>
    public static string PreferredName => InstalledModels.PathOf(QualityName) is null ? DefaultName : QualityName;

    /// <summary><see cref="DefaultName"/>, <see cref="QualityName"/>, or the file it was loaded from.</summary>
    public string Name => _identity.Name;

    /// <summary>
    /// Tells models whose embeddings differ apart: 32 hexadecimal digits made of all weights of the image encoder as
    /// single-precision numbers. Computed at the first use.
    /// </summary>
    public string Fingerprint => _identity.Fingerprint;

    /// <summary>The same of all other weights: models with both alike find the same masks. Computed at the first use.</summary>
    public string DecoderFingerprint => _decoderFingerprint.Value;

    /// <summary>The architecture.</summary>
    public SamConfig Config => _model.Config;

    /// <summary>The words that it knows by itself (<see cref="WordGrounder"/>); null where its file has none.</summary>
    public WordVocabulary? Words => _model.Words;

    /// <summary>Number of trained values.</summary>
    public long Parameters => _model.Parameters;

    /// <summary>The network itself.</summary>
    internal SamModel Model => _model;

    /// <summary>A model from a checkpoint that was read, or made: of what <see cref="ModelQuantizer"/> gives, for instance.</summary>
    /// <param name="checkpoint">The weights and what they are; not needed any more afterwards.</param>
    /// <param name="name">The name that the model is to have.</param>
    /// <exception cref="CheckpointFormatException">The checkpoint is of no architecture that is known.</exception>
    public static Sam FromCheckpoint(Checkpoint checkpoint, string name)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Sam(SamModel.FromCheckpoint(checkpoint, isFrozen: true), name);
    }

    /// <summary>
    /// Loads a model by its name, or from a file that PocketSam has written or that is an official one of SAM, MobileSAM or
    /// TinySAM.
    /// </summary>
    /// <param name="nameOrPath">
    /// <see cref="DefaultName"/>, <see cref="QualityName"/> where it is installed, the name of one of <see cref="PublishedModels"/> that
    /// was pulled (nothing is downloaded here), or the path of a safetensors or <c>torch.save</c> file that carries its architecture, or whose keys and shapes are those of a known one.
    /// </param>
    /// <exception cref="ArgumentException">The name is an architecture's, which has no weights, or a backbone's, which finds no masks.</exception>
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

    /// <summary>What <see cref="Load"/> loads, before it becomes a network; stays open until it is disposed.</summary>
    /// <param name="nameOrPath">As for <see cref="Load"/>.</param>
    /// <exception cref="IOException">The file cannot be read, is no checkpoint, or the model is not installed.</exception>
    /// <exception cref="InvalidOperationException">The library was built without a default model.</exception>
    public static Checkpoint ReadCheckpoint(string nameOrPath)
        => PathOf(nameOrPath) is { } path ? CheckpointFile.Read(path) : ReadDefault();

    /// <summary>The file that <see cref="Load"/> reads; null for the model that is part of the library.</summary>
    /// <param name="nameOrPath">As for <see cref="Load"/>.</param>
    /// <exception cref="FileNotFoundException">The model of that name is not installed and was not pulled.</exception>
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
    /// Uses a network as it stands; whoever owns it does not train it meanwhile. <paramref name="listener"/> hears, or computes, what
    /// encodes its pictures.
    /// </summary>
    internal static Sam Over(SamModel model, string? name = null, TapeListener? listener = null)
        => new(model, name ?? model.Config.Name, listener);

    /// <summary>
    /// The same model without its words: its embeddings do not keep what those say of a picture, and take less memory. Each stands for the
    /// other's.
    /// </summary>
    public Sam WithoutWords() => Words is null ? this : new(_model.WithoutWords(), _identity, _decoderFingerprint);

    /// <summary>
    /// This model, or where it computes products with whole numbers the same weights computed with floats, as other programs
    /// compute them: its embeddings are another model's.
    /// </summary>
    public Sam InFloats() => _model.State.Entries.All(entry => entry.Weight.Quantized is null) ? this : Over(
        SamModel.FromCheckpoint(
            new Checkpoint(Name, _model.State.ToStored(DataType.Float32).ToDictionary(), _model.Metadata()), isFrozen: true), Name);

    /// <summary>
    /// The same model with parts of it computed elsewhere; its embeddings are as good as this one's, and those of this one are
    /// its own.
    /// </summary>
    /// <param name="encoder">In the place of the image encoder, or null.</param>
    /// <param name="decoder">In the place of prompt encoder and mask decoder, or null.</param>
    public Sam WithBackend(IEncoderBackend? encoder, IDecoderBackend? decoder = null) => new(
        _model.With(
            encoder is null ? null : new BackendImageEncoder(encoder, Config),
            decoder is null ? null : new BackendMaskDecoder(decoder, Config)),
        _identity, _decoderFingerprint);

    /// <summary>A model that is computed elsewhere altogether: there are no weights of it here.</summary>
    /// <param name="config">Its numbers; those inside of the encoder do not count.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="fingerprint">Tells it from models whose embeddings differ.</param>
    /// <param name="encoder">The image encoder.</param>
    /// <param name="decoder">Prompt encoder and mask decoder.</param>
    /// <exception cref="ArgumentException">The numbers do not fit together.</exception>
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

    /// <summary>Computes what all prompts for a picture share; most of the time goes here.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="imageSize">
    /// Side of the model's input: a multiple of 64 (of 16 for DINOv2's encoder) from 64 to 4096; by default the model's own,
    /// <see cref="SamConfig.ImageSize"/>. Smaller is faster, larger shows more detail. SAM's own encoders take no other.
    /// </param>
    /// <param name="cancellation">Stops the work soon after it is cancelled.</param>
    /// <param name="progress">Told the share of the encoder's blocks that are done, 0 to 1.</param>
    /// <exception cref="ArgumentException">
    /// The input size is no multiple of 64, out of range, or not the one that the encoder has position embeddings for.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ImageEmbedding Encode(
        RgbImage image, int? imageSize = null, CancellationToken cancellation = default,
        IProgress<double>? progress = null)
        => EncodeShowing(image, imageSize, cancellation, progress, beforeNeck: null);

    /// <summary>The same; <paramref name="beforeNeck"/> is shown what goes into the encoder's neck.</summary>
    internal ImageEmbedding EncodeShowing(
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
    /// <see cref="Encode"/> on a thread of the pool, for callers that must not wait: it computes as much and no faster.
    /// </summary>
    /// <inheritdoc cref="Encode"/>
    public Task<ImageEmbedding> EncodeAsync(
        RgbImage image, int? imageSize = null, CancellationToken cancellation = default,
        IProgress<double>? progress = null)
        => Task.Run(() => Encode(image, imageSize, cancellation, progress), cancellation);

    /// <summary>Finds one object.</summary>
    /// <param name="embedding">The picture.</param>
    /// <param name="prompt">Which object.</param>
    /// <param name="multimask">
    /// Whether to offer several masks (the whole, a part, a part of the part) or the likeliest only. By default several
    /// for a single point without box and without previous mask, as it may mean several things, and one otherwise.
    /// </param>
    /// <param name="cancellation">Looked at before the work and before masks are made.</param>
    /// <exception cref="PromptException">The prompt does not fit the picture.</exception>
    /// <exception cref="ArgumentException">The embedding is another model's.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Prediction Predict(
        ImageEmbedding embedding, Prompt prompt, bool? multimask = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return Predict(embedding, [prompt], multimask, cancellation)[0];
    }

    /// <summary>
    /// <see cref="Predict(ImageEmbedding, Prompt, bool?, CancellationToken)"/> on a thread of the pool, for callers that must not
    /// wait.
    /// </summary>
    /// <inheritdoc cref="Predict(ImageEmbedding, Prompt, bool?, CancellationToken)"/>
    public Task<Prediction> PredictAsync(
        ImageEmbedding embedding, Prompt prompt, bool? multimask = null, CancellationToken cancellation = default)
        => Task.Run(() => Predict(embedding, prompt, multimask, cancellation), cancellation);

    /// <summary>Finds many objects, each as if it had been asked for alone.</summary>
    /// <param name="embedding">The picture.</param>
    /// <param name="prompts">Which objects; prompts may be of different kinds.</param>
    /// <param name="multimask">As for a single prompt, for all of them.</param>
    /// <param name="cancellation">Looked at between batches of prompts.</param>
    /// <returns>An answer for each prompt, in their order.</returns>
    /// <exception cref="PromptException">A prompt does not fit the picture.</exception>
    /// <exception cref="ArgumentException">The embedding is another model's.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<Prediction> Predict(
        ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask = null,
        CancellationToken cancellation = default)
        => [.. Predict(embedding, prompts, multimask, Enlarge, cancellation).Select((masks, i) => new Prediction(
            masks, masks[BestOf(prompts[i], multimask, [.. masks.Select(mask => mask.PredictedIou)])]))];

    /// <summary>
    /// <see cref="Predict(ImageEmbedding, IReadOnlyList{Prompt}, bool?, CancellationToken)"/> on a thread of the pool, for callers
    /// that must not wait.
    /// </summary>
    /// <inheritdoc cref="Predict(ImageEmbedding, IReadOnlyList{Prompt}, bool?, CancellationToken)"/>
    public Task<IReadOnlyList<Prediction>> PredictAsync(
        ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask = null,
        CancellationToken cancellation = default)
        => Task.Run(() => Predict(embedding, prompts, multimask, cancellation), cancellation);

    /// <summary>
    /// Finds many objects as <see cref="Predict(ImageEmbedding, IReadOnlyList{Prompt}, bool?, CancellationToken)"/> does, to
    /// the same bits, but makes no mask at the picture's size: only the pixels of its box, which is much less on a large
    /// picture.
    /// </summary>
    /// <param name="embedding">The picture.</param>
    /// <param name="prompts">Which objects; prompts may be of different kinds.</param>
    /// <param name="multimask">As for a single prompt, for all of them.</param>
    /// <param name="cancellation">Looked at between batches of prompts.</param>
    /// <returns>An answer for each prompt, in their order.</returns>
    /// <exception cref="PromptException">A prompt does not fit the picture.</exception>
    /// <exception cref="ArgumentException">The embedding is another model's.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<CroppedPrediction> PredictCropped(
        ImageEmbedding embedding, IReadOnlyList<Prompt> prompts, bool? multimask = null,
        CancellationToken cancellation = default)
        => [.. Predict(embedding, prompts, multimask, Crop, cancellation).Select((masks, i) => new CroppedPrediction(
            masks, BestOf(prompts[i], multimask, [.. masks.Select(mask => mask.PredictedIou)])))];

    /// <summary>The place of the mask to show first: that of the highest predicted IoU, or the one for unambiguous prompts.</summary>
    private int BestOf(Prompt prompt, bool? multimask, ReadOnlySpan<float> predictedIou)
        => multimask is null && prompt.IsAmbiguous && Config.FirstMask == FirstMask.Single
            ? 0 : System.Numerics.Tensors.TensorPrimitives.IndexOfMax(predictedIou);

    /// <summary>Answers prompts batch by batch; <paramref name="make"/> makes masks of logits and predicted IoU.</summary>
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

    /// <summary>An embedding that does not say who made it is taken on trust, if it has the right number of channels.</summary>
    /// <exception cref="ArgumentException">The embedding is another model's.</exception>
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
                // The first mask is for prompts that mean one thing, the others are for those that may mean several.
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

    /// <summary>Masks at the picture's size, of logits <c>[masks, side, side]</c>.</summary>
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

    /// <summary>The pixels of the masks' boxes, of logits <c>[masks, side, side]</c>.</summary>
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

    /// <summary>The masks to be refined as one tensor <c>[prompts, side, side, 1]</c>, or null for none.</summary>
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
