using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam;

/// <summary>
/// A CLIP model (Radford et al., arXiv:2103.00020), which embeds pictures and texts
/// in one space where similar meanings are close. Texts are token ids, which the
/// package PocketSam.Text makes from words. Immutable and safe for concurrent use.
/// </summary>
public sealed class Clip
{
    /// <summary>
    /// Tokens of the pictures that pass through the tower together; their memory stays in the caches.
    /// </summary>
    private const int TokensAtOnce = 1024;

    private readonly ClipModel _model;

    private Clip(ClipModel model, string name) => (_model, Name) = (model, name);

    /// <summary>The file or name that it was loaded from.</summary>
    public string Name { get; }

    /// <summary>The architecture.</summary>
    public ClipConfig Config => _model.Config;

    /// <summary>Number of learned values.</summary>
    public long Parameters => _model.Parameters;

    /// <summary>The factor of cosines of pictures and texts, about 100 for all published weights.</summary>
    public float LogitScale => _model.LogitScale;

    /// <summary>
    /// Loads weights: OpenAI's <c>.pt</c> (the TorchScript archive, or a state dict), or a file of open_clip or of
    /// transformers' <c>CLIPModel</c> with its configuration beside it (<c>open_clip_config.json</c>,
    /// <c>config.json</c>).
    /// </summary>
    /// <param name="nameOrPath">The file, or the name of a pulled CLIP model of <see cref="PublishedModels"/>.</param>
    /// <param name="activation">The activation in the MLPs; null for that of the configuration. OpenAI's own files need
    /// no configuration.</param>
    /// <exception cref="ArgumentException">The name is that of the default model, which is no CLIP.</exception>
    /// <exception cref="CheckpointFormatException">The file is no CLIP with
    /// a vision transformer, or its configuration is missing.</exception>
    /// <exception cref="IOException">The file cannot be read, or the model was not pulled.</exception>
    public static Clip Load(string nameOrPath, ClipActivation? activation = null)
    {
        using Checkpoint checkpoint = ReadCheckpoint(nameOrPath, activation);
        return FromCheckpoint(checkpoint, nameOrPath);
    }

    /// <summary>
    /// Reads the weights of a CLIP model under this library's names, with the architecture in the metadata: input for
    /// <see cref="ModelQuantizer"/>. Parameters and exceptions as for <see cref="Load"/>.
    /// </summary>
    /// <returns>The open file; the caller disposes of it.</returns>
    public static Checkpoint ReadCheckpoint(string nameOrPath, ClipActivation? activation = null)
    {
        string path = Sam.PathOf(nameOrPath) ?? throw new ArgumentException($"{nameOrPath} is a model of masks and no CLIP", nameof(nameOrPath));
        Checkpoint file = CheckpointFile.Read(path);
        try
        {
            if (!ClipCheckpoint.IsClip(file))
                throw new CheckpointFormatException(path, "no CLIP with a vision transformer: neither OpenAI's nor transformers' keys");
            Checkpoint named = ClipCheckpoint.ByOwnNames(file);
            string config = ConfigOf(file, named, path, activation).ToJson();
            return named with { Metadata = new Dictionary<string, string>(named.Metadata) { [ClipConfig.MetadataKey] = config } };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A model from the result of <see cref="ReadCheckpoint"/>, quantised or not.</summary>
    /// <param name="checkpoint">The weights; not used after the call.</param>
    /// <param name="name">The model's name.</param>
    /// <exception cref="CheckpointFormatException">The checkpoint
    /// does not have the architecture in its metadata.</exception>
    public static Clip FromCheckpoint(Checkpoint checkpoint, string name)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Clip(ClipModel.FromCheckpoint(checkpoint, ConfigOf(checkpoint, checkpoint, name, activation: null)), name);
    }

    /// <summary>
    /// Whether a checkpoint is a CLIP with a vision transformer; <see cref="Load"/> may still refuse it.
    /// </summary>
    public static bool Recognizes(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return ClipCheckpoint.IsClip(checkpoint);
    }

    /// <summary>Wraps a network without copying it.</summary>
    internal static Clip Over(ClipModel model, string name) => new(model, name);

    /// <summary>
    /// Embeddings of pictures, of length one. Each picture is resized as CLIP does, and its centre is cropped.
    /// </summary>
    /// <param name="images">The pictures, upright.</param>
    /// <param name="progress">The fraction of pictures done, 0 to 1.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <returns><see cref="ClipConfig.EmbedDim"/> values for each picture.</returns>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public IReadOnlyList<float[]> EmbedImages(
        IReadOnlyList<RgbImage> images, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        var embeddings = new List<float[]>(images.Count);
        int side = Config.PositionSide, atOnce = Math.Max(1, TokensAtOnce / (side * side + 1));
        for (int first = 0; first < images.Count; first += atOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            using Tape tape = Tape.Inference();
            var part = new RgbImage[Math.Min(atOnce, images.Count - first)];
            int start = first;
            Workers.For(part.Length, i => part[i] = ClipPreparation.CropMiddle(images[start + i], Config.ImageSize));
            embeddings.AddRange(Normalized(_model.EmbedImages(ClipPreparation.Normalize(part, Config), cancellation)));
            progress?.Report((double)embeddings.Count / images.Count);
        }

        GC.KeepAlive(_model);
        return embeddings;
    }

    /// <summary>Embeddings of texts, of length one.</summary>
    /// <param name="texts">Token ids of each text, including start and end token; ids after the end token must be
    /// smaller. 1 to <see cref="ClipConfig.ContextLength"/> ids.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <returns><see cref="ClipConfig.EmbedDim"/> values for each text.</returns>
    /// <exception cref="ArgumentException">A text is empty, too long, or has an id outside the vocabulary.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public IReadOnlyList<float[]> EmbedTokens(IReadOnlyList<int[]> texts, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        foreach (int[] text in texts)
        {
            ArgumentNullException.ThrowIfNull(text, nameof(texts));
            if (text.Length == 0 || text.Length > Config.ContextLength)
                throw new ArgumentException($"a text of {text.Length} tokens: 1 to {Config.ContextLength} are taken", nameof(texts));
            if (Array.FindIndex(text, id => id < 0 || id >= Config.VocabularySize) is >= 0 and int place)
                throw new ArgumentException($"token {text[place]}: the vocabulary has {Config.VocabularySize}", nameof(texts));
        }

        var embeddings = new List<float[]>(texts.Count);
        int atOnce = Math.Max(1, TokensAtOnce / Config.ContextLength);
        for (int first = 0; first < texts.Count; first += atOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            using Tape tape = Tape.Inference();
            embeddings.AddRange(Normalized(_model.EmbedTexts([.. texts.Skip(first).Take(atOnce)], cancellation)));
        }

        GC.KeepAlive(_model);
        return embeddings;
    }

    /// <summary>
    /// Embeds each patch of a whole picture in one pass, with an attention in the last block that preserves a patch's
    /// local content (SCLIP, arXiv:2312.01597).
    /// </summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="longestSide">Pixels of the longest side after resizing; both sides are rounded to whole patches.
    /// Null for twice the size of the training.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The side is less
    /// than a patch or more than 2048 pixels.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public ClipMap EmbedPatches(RgbImage image, int? longestSide = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        int patch = Config.PatchSize, longest = longestSide ?? 2 * Config.ImageSize;
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, patch, nameof(longestSide));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longest, 2048, nameof(longestSide));
        double scale = (double)longest / Math.Max(image.Width, image.Height) / patch;
        int columns = Math.Max(1, (int)Math.Round(image.Width * scale)), rows = Math.Max(1, (int)Math.Round(image.Height * scale));
        using Tape tape = Tape.Inference();
        RgbImage resized = ClipPreparation.Resize(image, columns * patch, rows * patch);
        Tensor tokens = _model.ImageTokens(ClipPreparation.Normalize([resized], Config), isDense: true, cancellation);
        float[][] patches = Normalized(_model.ProjectImage(tokens.Slice(1, rows * columns).Reshape(rows * columns, Config.Vision.Width)));
        GC.KeepAlive(_model);
        return new ClipMap(rows, columns, patches);
    }

    private static float[][] Normalized(Tensor embeddings)
    {
        int dim = embeddings.Channels;
        var rows = new float[embeddings.Rows][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = embeddings.Span.Slice(i * dim, dim).ToArray();
            float length = TensorPrimitives.Norm<float>(rows[i]);
            if (length > 0)
                TensorPrimitives.Divide(rows[i], length, rows[i]);
        }

        return rows;
    }

    private static ClipConfig ConfigOf(Checkpoint file, Checkpoint named, string path, ClipActivation? activation)
    {
        if (file.Metadata.TryGetValue(ClipConfig.MetadataKey, out string? json))
        {
            try
            {
                ClipConfig own = ClipConfig.FromJson(json);
                own.Validate();
                return own;
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException)
            {
                throw new CheckpointFormatException(path, $"broken {ClipConfig.MetadataKey}: {e.Message}", e);
            }
        }

        bool isTransformers = ClipCheckpoint.IsTransformers(file);
        ClipConfigFile? beside = ClipConfigFile.Beside(path, isTransformers);
        ClipActivation? known = activation ?? beside?.Activation ?? (ClipCheckpoint.IsOpenAi(file) ? ClipActivation.QuickGelu : null);
        ClipConfig config = ClipCheckpoint.ConfigOf(
            named, known ?? throw new CheckpointFormatException(
                path, $"its activation, which weights do not tell, stands in {(isTransformers ? ClipConfigFile.TransformersName : ClipConfigFile.OpenClipName)}: "
                + "put that beside the file"),
            beside?.VisionHeads, beside?.TextHeads);
        return beside?.Apply(config) ?? config;
    }
}
