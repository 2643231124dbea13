namespace PocketSam.Training.Words;

/// <summary>Options of the training.</summary>
public sealed record WordTrainerOptions
{
    /// <summary>Least number of masks of a word; 1 or more.</summary>
    public int MinMasks { get; init; } = 8;

    /// <summary>
    /// Least number of pictures with a word; 2 or more, so that some are for training and others for testing.
    /// </summary>
    public int MinPictures { get; init; } = 5;

    /// <summary>
    /// Least fraction of held-out pictures in which a word's first mask is right, by three-fold cross-validation; words
    /// below it are left out, 0 keeps all.
    /// </summary>
    public double MinPointing { get; init; } = 0.3;

    /// <summary>Synonyms by word.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Synonyms { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}

/// <summary>
/// Trains a model's closed vocabulary on named masks: the features stay unchanged, and the vectors of the words are
/// fitted to them in minutes.
/// </summary>
/// <param name="sam">The model.</param>
/// <param name="reader">Decodes pictures.</param>
/// <param name="options">Options of the training.</param>
public sealed class WordTrainer(Sam sam, PictureReader reader, WordTrainerOptions options)
{
    private const int Folds = 3;

    /// <summary>Candidate thresholds.</summary>
    private static readonly float[] Thresholds = [0.1f, 0.15f, 0.2f, 0.25f, 0.3f, 0.35f, 0.4f, 0.5f, 0.6f, 0.7f];

    /// <summary>Trains words on pictures, and measures them on others.</summary>
    /// <param name="training">The training pictures.</param>
    /// <param name="validation">The pictures for measuring only; may be empty.</param>
    /// <param name="progress">Receives the fraction done, 0 to 1.</param>
    /// <param name="cancellation">Checked between pictures and steps.</param>
    /// <returns>
    /// The words with their figures, and the report on <paramref name="validation"/>; null if that is empty.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// No word has enough masks and pictures, or none reaches <see cref="WordTrainerOptions.MinPointing"/>.
    /// </exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public (WordVocabulary Words, WordReport? Report) Train(
        IReadOnlyList<NamedPicture> training, IReadOnlyList<NamedPicture> validation, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinMasks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinPictures, 2);
        var generator = new MaskGenerator(sam, WordGrounder.MasksFor(sam.Config));
        int all = training.Count + validation.Count, done = 0;
        return Train([.. training.Select(Prepare)], [.. validation.Select(Prepare)], progress, cancellation);

        WordPicture Prepare(NamedPicture picture)
        {
            cancellation.ThrowIfCancellationRequested();
            WordPicture prepared = WordPicture.Of(sam, generator, picture, picture.Image.ReadPicture(reader), cancellation);
            progress?.Report(0.9 * ++done / all);
            return prepared;
        }
    }

    /// <summary>Trains and measures words on pictures whose features are computed.</summary>
    internal (WordVocabulary Words, WordReport? Report) Train(
        WordPicture[] learned, WordPicture[] asked, IProgress<double>? progress, CancellationToken cancellation)
    {
        var masks = learned.SelectMany(p => p.Named.Select(m => (Word: m.Name, Picture: p))).GroupBy(m => m.Word.ToLowerInvariant())
            .Where(g => g.Count() >= options.MinMasks && g.DistinctBy(m => m.Picture).Count() >= options.MinPictures)
            .ToDictionary(g => g.Key, g => g.Count());
        KnownWord[] words =
        [
            .. masks.OrderBy(m => m.Key, StringComparer.Ordinal)
                .Select(m => new KnownWord(m.Key) { Masks = m.Value, Synonyms = options.Synonyms.GetValueOrDefault(m.Key, []) }),
        ];
        if (words.Length == 0)
            throw new ArgumentException($"no word has {options.MinMasks} masks in {options.MinPictures} pictures");
        if (options.MinPointing > 0)
        {
            WordReport first = CrossValidate(learned, words, 0.5f, cancellation)[0];
            HashSet<string> understood = [.. first.Words.Where(word => word.Pointing >= options.MinPointing).Select(word => word.Name)];
            words = [.. words.Where(word => understood.Contains(word.Name))];
            if (words.Length == 0)
                throw new ArgumentException($"no word of {first.Words.Count} was understood on {options.MinPointing} of the pictures: more masks are needed");
        }

        WordReport best = CrossValidate(learned, words, null, cancellation).MaxBy(report => report.Presence)!;
        var vocabulary = new WordVocabulary(
            words, best.Threshold, WordFit.Run(learned, [.. words.Select(word => word.Name)], null, cancellation));
        progress?.Report(1);
        if (asked.Length == 0)
            return (new WordVocabulary(best.Words, best.Threshold, vocabulary.Weights), null);
        WordReport report = Measure(asked, vocabulary.Words, vocabulary.Weights, vocabulary.Threshold);
        return (new WordVocabulary(report.Words, vocabulary.Threshold, vocabulary.Weights), report);
    }

    /// <summary>Reports on held-out pictures, at one threshold or at all <see cref="Thresholds"/>.</summary>
    private static WordReport[] CrossValidate(WordPicture[] pictures, KnownWord[] words, float? threshold, CancellationToken cancellation)
    {
        string[] names = [.. words.Select(word => word.Name)];
        WordMeasure[] measures = [.. (threshold is { } one ? [one] : Thresholds).Select(t => MeasureOf(words, t))];
        for (int fold = 0; fold < Folds; fold++)
        {
            WordWeights weights = WordFit.Run([.. pictures.Where((_, i) => i % Folds != fold)], names, null, cancellation);
            foreach (WordPicture picture in pictures.Where((_, i) => i % Folds == fold))
                Add(measures, picture, weights);
        }

        return [.. measures.Select(measure => measure.Report())];
    }

    private static WordReport Measure(WordPicture[] pictures, IReadOnlyList<KnownWord> words, WordWeights weights, float threshold)
    {
        WordMeasure measure = MeasureOf(words, threshold);
        foreach (WordPicture picture in pictures)
            Add([measure], picture, weights);
        return measure.Report();
    }

    private static WordMeasure MeasureOf(IReadOnlyList<KnownWord> words, float threshold)
    {
        var places = words.Select((word, i) => (word, i)).ToDictionary(w => w.word.Name, w => w.i, StringComparer.OrdinalIgnoreCase);
        return new WordMeasure(words, threshold, name => places.GetValueOrDefault(name, -1));
    }

    private static void Add(WordMeasure[] measures, WordPicture picture, WordWeights weights)
    {
        float[][] probabilities = [.. picture.Found.Select(found => WordFit.Probabilities(weights, found.Features))];
        GeneratedMask[] masks = [.. picture.Found.Select(found => found.Mask)];
        foreach (WordMeasure measure in measures)
            measure.Add(picture.Right, masks, probabilities);
    }
}
