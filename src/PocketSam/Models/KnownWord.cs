namespace PocketSam;

/// <summary>
/// A word of a <see cref="WordVocabulary"/>, with its accuracy on pictures that it was not learned from.
/// </summary>
/// <param name="Name">The word, in lower case.</param>
public sealed record KnownWord(string Name)
{
    /// <summary>Synonyms of the word.</summary>
    public IReadOnlyList<string> Synonyms { get; init; } = [];

    /// <summary>Number of masks that it was learned from.</summary>
    public int Masks { get; init; }

    /// <summary>Number of pictures with it in the measurement; 0 if it was not measured.</summary>
    public int Pictures { get; init; }

    /// <summary>
    /// Fraction of these pictures, 0 to 1, in which more than half of
    /// the first mask's pixels belong to the word's objects.
    /// </summary>
    public double Pointing { get; init; }

    /// <summary>Fraction of these pictures, 0 to 1, in which it was found.</summary>
    public double Found { get; init; }

    /// <summary>Mean IoU of the union of found masks with the union of correct ones; 0 if nothing was found.</summary>
    public double MeanIou { get; init; }
}
