namespace PocketSam;

/// <summary>
/// Finds the masks for words in a picture. Segment Anything has no text prompts; a second model decides which masks the
/// words mean. Implementations are <see cref="WordGrounder"/>, for the words of a model's own vocabulary, and
/// <c>ClipGrounder</c> of the package PocketSam.Text, for any words. A detector that gives boxes for words is another
/// way: pass each to <see cref="Sam.Predict(ImageEmbedding, Prompt, bool?, CancellationToken)"/> as
/// <see cref="Prompt.Box(double, double, double, double)"/>.
/// </summary>
public interface ITextGrounder
{
    /// <summary>Name of the model that understands the words, for users.</summary>
    string Name { get; }

    /// <summary>The vocabulary, with measured accuracies; null if any word is accepted.</summary>
    IReadOnlyList<KnownWord>? Words => null;

    /// <summary>Checks phrases before a picture is processed.</summary>
    /// <param name="phrases">The phrases to find.</param>
    /// <exception cref="PromptException">There is no phrase, or one is empty or not understood.</exception>
    void Validate(IReadOnlyList<string> phrases)
    {
        ArgumentNullException.ThrowIfNull(phrases);
        if (phrases.Count == 0 || phrases.Any(string.IsNullOrWhiteSpace))
            throw new PromptException("a phrase to look for is empty");
    }

    /// <summary>Finds the masks for phrases, the highest score first; a phrase may have none.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="embedding">The picture's embedding from <see cref="Sam.Encode"/>.</param>
    /// <param name="phrases">The phrases to find, one or more.</param>
    /// <param name="progress">The fraction done, 0 to 1.</param>
    /// <param name="cancellation">Stops the computation.</param>
    /// <exception cref="PromptException">A phrase is empty, or not understood.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    IReadOnlyList<GroundedMask> Ground(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<string> phrases, IProgress<double>? progress = null,
        CancellationToken cancellation = default);
}
