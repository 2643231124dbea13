namespace PocketSam.Text;

/// <summary>How CLIP looks at masks.</summary>
public enum ClipView
{
    /// <summary>A square around each mask, all around the mask faded to a half: one pass over each mask.</summary>
    Crops,

    /// <summary>
    /// One pass over the whole picture, however many masks there are: a mask means what its patches mean (SCLIP,
    /// arXiv:2312.01597). Much faster and coarser; patches of 16 pixels or fewer are wanted.
    /// </summary>
    Dense,
}

/// <summary>How <see cref="ClipGrounder"/> ranks masks.</summary>
public sealed record ClipGrounderOptions
{
    /// <summary>How CLIP looks at masks.</summary>
    public ClipView View { get; init; }

    /// <summary>The least probability of an answer, 0 to 1: "nothing found" is one too.</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>
    /// What cosines are divided by before the softmax over phrase and contrast words, above 0; null for what the model was trained with,
    /// about 0.01. Larger is less sure.
    /// </summary>
    public float? Temperature { get; init; }

    /// <summary>Masks that are looked at, the most stable first; 1 to 1024.</summary>
    public int MaxMasks { get; init; } = 64;

    /// <summary>Smaller masks are passed over: this share of the picture, 0 to 1, and 256 pixels at least.</summary>
    public double MinArea { get; init; } = 0.001;

    /// <summary>
    /// What else a mask may show; those that are in a phrase, or that a phrase is in, do not count. Without contrast words everything
    /// would be found.
    /// </summary>
    public IReadOnlyList<string> ContrastWords { get; init; } = Text.ContrastWords.All;

    /// <summary>Sentences that a phrase is put into, in place of <c>{}</c>; their embeddings are averaged.</summary>
    public IReadOnlyList<string> Templates { get; init; } = ["a photo of a {}."];

    /// <summary>Throws where a number is out of its range.</summary>
    /// <exception cref="ArgumentException">Says which.</exception>
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
