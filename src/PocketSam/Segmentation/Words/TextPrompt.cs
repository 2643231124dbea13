namespace PocketSam;

/// <summary>Words as a prompt: a text in, the masks that it means out, or none.</summary>
/// <example>
/// <code>
/// foreach (GroundedMask found in await Sam.Default.FindAsync(image, "person, elephant"))
///     Console.WriteLine($"{found.Phrase}, {found.Score:P0} sure: {found.Mask.Area} pixels");
/// </code>
/// </example>
public static class TextPrompt
{
    /// <summary>Share of the time that encoding takes, for the default model.</summary>
    private const double EncodingShare = 0.4;

    /// <summary>The phrases of a text, which commas stand between, each once, in their order.</summary>
    /// <param name="text">For instance <c>a red mug, dog</c>.</param>
    /// <exception cref="PromptException">There is nothing in it, or between two commas.</exception>
    public static IReadOnlyList<string> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] phrases = text.Split(',', StringSplitOptions.TrimEntries);
        return Array.TrueForAll(phrases, phrase => phrase.Length > 0)
            ? [.. phrases.Distinct()] : throw new PromptException("expected words with commas between them");
    }

    /// <summary>The masks of a picture that a text means, the surest first; none where nothing was found.</summary>
    /// <param name="sam">Encodes the picture; where no grounder is given one that knows words (<see cref="Sam.Words"/>).</param>
    /// <param name="image">The picture, upright.</param>
    /// <param name="text">What is looked for, with commas between phrases.</param>
    /// <param name="grounder">What understands the words; null for the model's own, <see cref="WordGrounder"/>.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Stops the work soon after it is cancelled.</param>
    /// <exception cref="PromptException">A phrase is empty, or not understood: the message lists the words that are.</exception>
    /// <exception cref="ArgumentException">The model knows no words, and no grounder is given.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
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
    /// <see cref="Find"/> on a thread of the pool, for callers that must not wait: it computes as much and no faster.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    public static Task<IReadOnlyList<GroundedMask>> FindAsync(
        this Sam sam, RgbImage image, string text, ITextGrounder? grounder = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
        => Task.Run(() => sam.Find(image, text, grounder, progress, cancellation), cancellation);

    /// <summary>A part of the whole.</summary>
    private sealed class Stretch(IProgress<double> whole, double start, double share) : IProgress<double>
    {
        public void Report(double value) => whole.Report(start + share * value);
    }
}
