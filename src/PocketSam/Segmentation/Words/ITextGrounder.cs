namespace PocketSam;

/// <summary>
/// Finds what words mean in a picture. Segment Anything takes no words: a second model says which masks they mean. Built in are
/// <see cref="WordGrounder"/>, for the words that a model of PocketSam knows, and <c>ClipGrounder</c> of the package PocketSam.Text, for
/// any words. A detector that gives boxes for words is another: ask <see cref="Sam.Predict(ImageEmbedding, Prompt, bool?, CancellationToken)"/>
/// with <see cref="Prompt.Box(double, double, double, double)"/> for each of them.
/// </summary>
public interface ITextGrounder
{
    /// <summary>What gives the scores, for people to see: words are understood by another model than the one that finds masks.</summary>
    string Name { get; }

    /// <summary>The words that it knows, with what was measured of them; null where it takes any.</summary>
    IReadOnlyList<KnownWord>? Words => null;

    /// <summary>Refuses what it does not understand, before a picture is looked at.</summary>
    /// <param name="phrases">What is to be looked for.</param>
    /// <exception cref="PromptException">There is no phrase, or one is empty or not understood.</exception>
    void Validate(IReadOnlyList<string> phrases)
    {
        ArgumentNullException.ThrowIfNull(phrases);
        if (phrases.Count == 0 || phrases.Any(string.IsNullOrWhiteSpace))
            throw new PromptException("a phrase to look for is empty");
    }

    /// <summary>The masks that phrases mean, the surest first; none for a phrase that means nothing in the picture.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="embedding">What <see cref="Sam.Encode"/> made of it.</param>
    /// <param name="phrases">What is looked for, one or more.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Stops the work soon after it is cancelled.</param>
    /// <exception cref="PromptException">A phrase is empty, or not understood.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    IReadOnlyList<GroundedMask> Ground(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<string> phrases, IProgress<double>? progress = null,
        CancellationToken cancellation = default);
}
