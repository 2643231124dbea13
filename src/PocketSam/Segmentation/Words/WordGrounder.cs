using PocketSam.Segmentation.Everything;

namespace PocketSam;

/// <summary>
/// Finds the masks for words of a model's own vocabulary (<see cref="Sam.Words"/>): segments everything in a picture
/// and gives each mask the probability that it shows the word. Immutable and safe for concurrent use.
/// </summary>
/// <example>
/// <code>
/// var grounder = new WordGrounder(Sam.Default);
/// using ImageEmbedding photo = Sam.Default.Encode(image);
/// foreach (GroundedMask found in grounder.Ground(image, photo, ["cat"]))
///     Console.WriteLine($"{found.Score:P0} sure: {found.Mask.Area} pixels");
/// </code>
/// </example>
public sealed class WordGrounder : ITextGrounder
{
    /// <summary>Points along a side of the grid; a finer grid finds more parts of things.</summary>
    private const int PointsPerSide = 16;

    private readonly MaskGenerator _generator;
    private readonly WordVocabulary _vocabulary;

    /// <summary>A grounder for a model with a vocabulary.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="options">Options for segmenting everything; null for <see cref="MasksFor"/>.</param>
    /// <exception cref="ArgumentException">The model has no vocabulary, or an option is out of range.</exception>
    public WordGrounder(Sam sam, MaskGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sam);
        _vocabulary = sam.Words ?? throw new ArgumentException(
            $"{sam.Name} knows no words by itself: give a CLIP to understand them (--text-model)", nameof(sam));
        _generator = new MaskGenerator(sam, options ?? MasksFor(sam.Config));
        Name = $"the words of {sam.Name}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KnownWord> Words => _vocabulary.Words;

    /// <summary>
    /// The options for segmenting everything with which words are learned
    /// and found: the model's own, with a grid of 16 by 16 points.
    /// </summary>
    /// <param name="config">The model's architecture.</param>
    public static MaskGeneratorOptions MasksFor(SamConfig config) => MaskGeneratorOptions.For(config) with { PointsPerSide = PointsPerSide };

    /// <inheritdoc/>
    public void Validate(IReadOnlyList<string> phrases)
    {
        ArgumentNullException.ThrowIfNull(phrases);
        if (phrases.Count == 0)
            throw new PromptException("a phrase to look for is empty");
        foreach (string phrase in phrases)
            Require(phrase);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The embedding is from another
    /// model, or was read from a file, which has no word scores.</exception>
    public IReadOnlyList<GroundedMask> Ground(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<string> phrases, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        Validate(phrases);
        IReadOnlyList<GeneratedMask> masks = _generator.Generate(
            image, embedding, progress is null ? null : new PointShare(progress), cancellation);
        return GroundedMask.Choose(Rank(embedding, masks, phrases), _vocabulary.Threshold, cancellation);
    }

    /// <summary>The score of each mask of a picture for each phrase, without a threshold.</summary>
    /// <param name="embedding">The picture's embedding.</param>
    /// <param name="masks">Masks of the picture.</param>
    /// <param name="phrases">Words of the vocabulary.</param>
    /// <exception cref="PromptException">A word is unknown.</exception>
    /// <exception cref="ArgumentException">The embedding is from another
    /// model, or was read from a file, which has no word scores.</exception>
    public IReadOnlyList<GroundedMask> Rank(
        ImageEmbedding embedding, IReadOnlyList<GeneratedMask> masks, IReadOnlyList<string> phrases)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(masks);
        ArgumentNullException.ThrowIfNull(phrases);
        int[] places = [.. phrases.Select(Require)];
        if (embedding.Words is not { } words || words.Vocabulary != _vocabulary)
        {
            throw new ArgumentException(
                "the embedding has none of this model's words: it is another model's, or comes from a file; encode the picture", nameof(embedding));
        }

        var ranked = new List<GroundedMask>(masks.Count * phrases.Count);
        foreach (GeneratedMask mask in masks.Where(mask => mask.Area > 0))
        {
            float[] probabilities = words.Probabilities(mask.Segmentation);
            for (int i = 0; i < places.Length; i++)
            {
                int rival = Enumerable.Range(0, probabilities.Length).Where(k => k != places[i]).MaxBy(k => probabilities[k]);
                ranked.Add(new GroundedMask(phrases[i], probabilities[places[i]], mask)
                {
                    Rival = rival < _vocabulary.Words.Count ? _vocabulary.Words[rival].Name : null,
                });
            }
        }

        return ranked;
    }

    private int Require(string phrase)
    {
        if (string.IsNullOrWhiteSpace(phrase))
            throw new PromptException("a phrase to look for is empty");
        int place = _vocabulary.PlaceOf(phrase);
        return place >= 0 ? place : throw new PromptException(
            $"'{phrase}' is none of the {_vocabulary.Words.Count} words of this model: {string.Join(", ", _vocabulary.Words.Select(word => word.Name))}");
    }
}
