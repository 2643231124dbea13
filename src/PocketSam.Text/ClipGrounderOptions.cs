namespace PocketSam.Text;

/// <summary>How CLIP sees the masks.</summary>
public enum ClipView
{
    /// <summary>
    /// One pass for each mask, over a square around it in which everything outside the mask is half faded.
    /// </summary>
    Crops,

    /// <summary>
    /// One pass over the whole picture for any number of masks: a mask's score comes from its patches (SCLIP,
    /// arXiv:2312.01597). Much faster and coarser; needs a model with patches of 16 pixels or fewer.
    /// </summary>
    Dense,
}

/// <summary>Options of <see cref="ClipGrounder"/>.</summary>
public sealed record ClipGrounderOptions
{
    /// <summary>How CLIP sees the masks.</summary>
    public ClipView View { get; init; }

    /// <summary>Least probability of a mask to be returned, 0 to 1. If no mask reaches it, none is found.</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>
    /// Divisor of the cosine similarities before the softmax over phrase and contrast words, above 0; null for the
    /// model's trained value, about 0.01. A larger value gives less certain scores.
    /// </summary>
    public float? Temperature { get; init; }

    /// <summary>Largest number of masks that are scored, the most stable first; 1 to 1024.</summary>
    public int MaxMasks { get; init; } = 64;

    /// <summary>
    /// Least area of a mask as a fraction of the picture, 0 to 1; masks below 256 pixels are always skipped.
    /// </summary>
    public double MinArea { get; init; } = 0.001;

    /// <summary>
    /// Alternatives that the phrase competes with in the softmax. Words that contain the phrase, or that it contains,
    /// are skipped. Without alternatives every mask would match.
    /// </summary>
    public IReadOnlyList<string> ContrastWords { get; init; } = Text.ContrastWords.All;

    /// <summary>Sentences with <c>{}</c> in place of the phrase; their embeddings are averaged.</summary>
    public IReadOnlyList<string> Templates { get; init; } = ["a photo of a {}."];

    /// <summary>Checks the ranges of all options.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    internal void Validate()
    {
        if (!(Threshold is >= 0 and <= 1) || !(MinArea is >= 0 and <= 1))
            throw new ArgumentException("threshold and least area lie in 0 ... 1");
        if (Temperature is { } temperature && !(temperature > 0 && float.IsFinite(temperature)))
            throw new ArgumentException("the temperature is a number above 0");
        if (MaxMasks is < 1 or > 1024)
            throw new ArgumentException("1 to 1024 masks are looked at");
        if (ContrastWords is not { Count: > 0 } || Templates is not { Count: > 0 } || Templates.Any(t => !t.Contains("{}", StringComparison.Ordinal)))
            throw new ArgumentException("contrast words, and templates with {} in them, are needed");
    }
}
