namespace PocketSam;

/// <summary>A word of a <see cref="WordVocabulary"/>, and how well it was understood on pictures that it was not learned from.</summary>
/// <param name="Name">The word, in small letters.</param>
public sealed record KnownWord(string Name)
{
    /// <summary>Other words for the same.</summary>
    public IReadOnlyList<string> Synonyms { get; init; } = [];

    /// <summary>Masks of it that it was learned from.</summary>
    public int Masks { get; init; }

    /// <summary>Pictures with it that it was measured on; 0 where it was not.</summary>
    public int Pictures { get; init; }

    /// <summary>Share of these on which more than half of the first mask lay on what the word means.</summary>
    public double Pointing { get; init; }

    /// <summary>Share of these on which it was found at all.</summary>
    public double Found { get; init; }

    /// <summary>Mean IoU of all masks that were found with all that are right; 0 where nothing was found.</summary>
    public double MeanIou { get; init; }
}
