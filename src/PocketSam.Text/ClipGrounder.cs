using System.Collections.Concurrent;
using System.Numerics.Tensors;

namespace PocketSam.Text;

/// <summary>
/// Finds objects by free text with two models: Segment Anything generates masks for everything in the picture, and CLIP
/// scores the masks against the phrase. A mask's score is the probability of the phrase among contrast words, so that
/// no mask need score high; a softmax over the masks would always pick one. CLIP understands nouns with colours and
/// kinds, but hardly "left", "second" or "behind". Immutable and thread-safe.
/// </summary>
public sealed class ClipGrounder : ITextGrounder
{
    private const int LeastPixels = 256;

    /// <summary>Largest number of cached text embeddings.</summary>
    private const int MostTexts = 4096;

    /// <summary>Weight of the best patch relative to the mean of all patches.</summary>
    private const float PeakShare = 0.3f;

    /// <summary>Fraction of the total time that generating masks takes, for progress.</summary>
    private const double GeneratingShare = 0.4;

    private readonly MaskGenerator _generator;
    private readonly Clip _clip;
    private readonly ClipTokenizer _tokenizer;
    private readonly ConcurrentDictionary<string, float[]> _texts = new();

    /// <summary>Creates a grounder from two models.</summary>
    /// <param name="sam">Generates the masks.</param>
    /// <param name="clip">Scores the masks.</param>
    /// <param name="options">How masks are scored and selected.</param>
    /// <param name="masks">How masks are generated; null for the model's defaults.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range, or CLIP's vocabulary does not fit the tokenizer.
    /// </exception>
    public ClipGrounder(Sam sam, Clip clip, ClipGrounderOptions? options = null, MaskGeneratorOptions? masks = null)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(clip);
        Options = options ?? new ClipGrounderOptions();
        Options.Validate();
        _generator = new MaskGenerator(sam, masks);
        _clip = clip;
        _tokenizer = clip.Config.VocabularySize == ClipTokenizer.DefaultVocabularySize
            ? ClipTokenizer.Default : new ClipTokenizer(clip.Config.VocabularySize);
        Name = $"CLIP ({clip.Name})";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>How masks are scored and selected.</summary>
    public ClipGrounderOptions Options { get; }

    /// <inheritdoc/>
    public IReadOnlyList<GroundedMask> Ground(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<string> phrases, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        Validate(phrases);
        IReadOnlyList<GeneratedMask> masks = _generator.Generate(
            image, embedding, progress is null ? null : new Generating(progress), cancellation);
        IReadOnlyList<GroundedMask> ranked = Rank(
            image, masks, phrases, progress is null ? null : new Ranking(progress), cancellation);
        return GroundedMask.Choose(ranked, Options.Threshold, cancellation);
    }

    /// <summary>
    /// Scores each mask for each phrase, without a threshold. Masks that are too small, or beyond <see
    /// cref="ClipGrounderOptions.MaxMasks"/>, are left out.
    /// </summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="masks">Masks of the picture.</param>
    /// <param name="phrases">The phrases to find.</param>
    /// <param name="progress">Receives the fraction done, 0 to 1.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <exception cref="PromptException">A phrase is empty.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public IReadOnlyList<GroundedMask> Rank(
        RgbImage image, IReadOnlyList<GeneratedMask> masks, IReadOnlyList<string> phrases, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(masks);
        Validate(phrases);
        double least = Math.Max(LeastPixels, Options.MinArea * image.Width * image.Height);
        GeneratedMask[] looked =
            [.. masks.Where(mask => mask.Area >= least).OrderByDescending(mask => mask.StabilityScore).Take(Options.MaxMasks)];
        if (looked.Length == 0)
            return [];
        string[] words = [.. phrases.Concat(Options.ContrastWords).Distinct(StringComparer.OrdinalIgnoreCase)];
        float[][] texts = Embed(words, cancellation);
        float[][] scores = Options.View == ClipView.Crops
            ? Crops(image, looked, texts, progress, cancellation) : Dense(image, looked, texts, cancellation);

        float scale = 1 / Options.Temperature ?? _clip.LogitScale;
        var ranked = new List<GroundedMask>(looked.Length * phrases.Count);
        foreach (string phrase in phrases)
        {
            HashSet<string> rivals = [.. ContrastWords.Against(words, phrase)];
            int[] compared = [Array.FindIndex(words, word => word.Equals(phrase, StringComparison.OrdinalIgnoreCase)), .. words.Index().Where(w => rivals.Contains(w.Item)).Select(w => w.Index)];
            for (int i = 0; i < looked.Length; i++)
            {
                float[] logits = [.. compared.Select(k => scale * scores[i][k])];
                TensorPrimitives.SoftMax<float>(logits, logits);
                int rival = compared.Length > 1 ? 1 + TensorPrimitives.IndexOfMax<float>(logits.AsSpan(1)) : 0;
                ranked.Add(new GroundedMask(phrase, logits[0], looked[i]) { Rival = rival > 0 ? words[compared[rival]] : null });
            }
        }

        return ranked;
    }

    /// <summary>Cosine similarities [masks][texts] of a view of each mask with each text.</summary>
    private float[][] Crops(
        RgbImage image, GeneratedMask[] masks, float[][] texts, IProgress<double>? progress, CancellationToken cancellation)
    {
        RgbImage[] views = [.. masks.Select(mask => MaskView.Of(image, mask.Segmentation, _clip.Config.ImageMean))];
        return [.. _clip.EmbedImages(views, progress, cancellation)
            .Select(seen => Array.ConvertAll(texts, text => TensorPrimitives.Dot<float>(seen, text)))];
    }

    /// <summary>
    /// Cosine similarities [masks][texts] from one pass over the picture: the mean over a mask's patches, and with less
    /// weight the best patch.
    /// </summary>
    private float[][] Dense(RgbImage image, GeneratedMask[] masks, float[][] texts, CancellationToken cancellation)
    {
        ClipMap map = _clip.EmbedPatches(image, null, cancellation);
        float[][] cosines = [.. map.Embeddings.Select(patch => Array.ConvertAll(texts, text => TensorPrimitives.Dot<float>(patch, text)))];
        var scores = new float[masks.Length][];
        for (int i = 0; i < masks.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] pixels = PixelsByPatch(masks[i].Segmentation, map), mean = new float[texts.Length], peak = new float[texts.Length];
            float sum = pixels.Sum();
            Array.Fill(peak, float.NegativeInfinity);
            for (int p = 0; p < pixels.Length; p++)
            {
                if (pixels[p] == 0)
                    continue;
                TensorPrimitives.MultiplyAdd(cosines[p], pixels[p] / sum, mean, mean);
                TensorPrimitives.Max(cosines[p], peak, peak);
            }

            scores[i] = [.. mean.Zip(peak, (m, top) => (m + PeakShare * top) / (1 + PeakShare))];
        }

        return scores;
    }

    /// <summary>Number of the mask's pixels in each patch, row by row.</summary>
    private static float[] PixelsByPatch(Rle mask, ClipMap map)
    {
        float[] pixels = new float[map.Rows * map.Columns];
        PixelBox box = mask.Bounds;
        BinaryMask bits = mask.Crop(box);
        for (int y = 0; y < bits.Height; y++)
        {
            int row = (int)((long)(box.Y + y) * map.Rows / mask.Height) * map.Columns;
            for (int x = bits.NextSet(y, 0); x < bits.Width;)
            {
                int end = bits.NextClear(y, x);
                while (x < end)
                {
                    // The first pixel of the next patch column.
                    int column = (int)((long)(box.X + x) * map.Columns / mask.Width);
                    int next = (int)(((long)(column + 1) * mask.Width + map.Columns - 1) / map.Columns) - box.X;
                    int until = Math.Min(end, Math.Max(next, x + 1));
                    pixels[row + column] += until - x;
                    x = until;
                }

                x = bits.NextSet(y, end);
            }
        }

        return pixels;
    }

    /// <summary>Text embeddings, each the normalised mean over all templates; cached.</summary>
    private float[][] Embed(string[] words, CancellationToken cancellation)
    {
        string[] fresh = [.. words.Where(word => !_texts.ContainsKey(word))];
        int templates = Options.Templates.Count;
        var own = new Dictionary<string, float[]>();
        IReadOnlyList<float[]> embedded = fresh.Length == 0 ? [] : _clip.EmbedTokens(
            [.. fresh.SelectMany(word => Options.Templates.Select(template => _tokenizer.Encode(
                template.Replace("{}", word, StringComparison.Ordinal), _clip.Config.ContextLength)))], cancellation);
        for (int i = 0; i < fresh.Length; i++)
        {
            float[] sum = new float[embedded[0].Length];
            for (int t = 0; t < templates; t++)
                TensorPrimitives.Add(sum, embedded[i * templates + t], sum);
            TensorPrimitives.Divide(sum, TensorPrimitives.Norm<float>(sum), sum);
            own[fresh[i]] = sum;
            if (_texts.Count < MostTexts)
                _texts.TryAdd(fresh[i], sum);
        }

        return [.. words.Select(word => own.TryGetValue(word, out float[]? made) ? made : _texts[word])];
    }

    private void Validate(IReadOnlyList<string> phrases) => ((ITextGrounder)this).Validate(phrases);

    private sealed class Generating(IProgress<double> progress) : IProgress<MaskGeneratorProgress>
    {
        public void Report(MaskGeneratorProgress value) => progress.Report(GeneratingShare * value.Fraction);
    }

    private sealed class Ranking(IProgress<double> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(GeneratingShare + (1 - GeneratingShare) * value);
    }
}
