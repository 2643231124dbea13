namespace PocketSam;

/// <summary>Text prompts: the masks that a text means in a picture.</summary>
/// <example>
/// <code>
/// foreach (GroundedMask found in await Sam.Default.FindAsync(image, "person, elephant"))
///     Console.WriteLine($"{found.Phrase}, {found.Score:P0} sure: {found.Mask.Area} pixels");
/// </code>
/// </example>
public static class TextPrompt
{
    /// <summary>The fraction of the time that encoding takes with the default model.</summary>
    private const double EncodingShare = 0.4;

    /// <summary>Splits a text at its commas into distinct phrases, in order.</summary>
    /// <param name="text">For instance <c>a red mug, dog</c>.</param>
    /// <exception cref="PromptException">The text, or the part between two commas, is empty.</exception>
    public static IReadOnlyList<string> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] phrases = text.Split(',', StringSplitOptions.TrimEntries);
        return Array.TrueForAll(phrases, phrase => phrase.Length > 0)
            ? [.. phrases.Distinct()] : throw new PromptException("expected words with commas between them");
    }

    /// <summary>Finds the masks of a picture for a text, the highest score first; may be empty.</summary>
    /// <param name="sam">The model for encoding; without a grounder it must have a vocabulary
    /// (<see cref="Sam.Words"/>).</param>
    /// <param name="image">The picture, upright.</param>
    /// <param name="text">The phrases to find, separated by commas.</param>
    /// <param name="grounder">The model for words; null for the model's own vocabulary,
    /// <see cref="WordGrounder"/>.</param>
    /// <param name="progress">The fraction done, 0 to 1.</param>
    /// <param name="cancellation">Stops the computation.</param>
    /// <exception cref="PromptException">A phrase is empty, or not
    /// understood; the message lists the known words.</exception>
    /// <exception cref="ArgumentException">The model has no vocabulary, and no grounder is given.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public static IReadOnlyList<GroundedMask> Find(
        this Sam sam, RgbImage image, string text, ITextGrounder? grounder = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(image);
        IReadOnlyList<string> phrases = Split(text);
        grounder ??= new WordGrounder(sam);
        grounder.Validate(phrases);
        using ImageEmbedding photo = sam.Encode(
            image, cancellation: cancellation, progress: progress is null ? null : new Stretch(progress, 0, EncodingShare));
        return grounder.Ground(
            image, photo, phrases, progress is null ? null : new Stretch(progress, EncodingShare, 1 - EncodingShare), cancellation);
    }

    /// <summary>
    /// <see cref="Find"/> on a thread of the pool, for callers that must not block; it is not faster.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    public static Task<IReadOnlyList<GroundedMask>> FindAsync(
        this Sam sam, RgbImage image, string text, ITextGrounder? grounder = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
        => Task.Run(() => sam.Find(image, text, grounder, progress, cancellation), cancellation);

    /// <summary>Maps a part's progress to that of the whole.</summary>
    private sealed class Stretch(IProgress<double> whole, double start, double share) : IProgress<double>
    {
        public void Report(double value) => whole.Report(start + share * value);
    }
}
