namespace PocketSam.Training.Words;

/// <summary>
/// Quality of a model's words. Each picture is queried for every word of the vocabulary that is annotated in it, and
/// for as many others.
/// </summary>
public sealed record WordReport
{
    /// <summary>Number of pictures with a word of the vocabulary.</summary>
    public required int Pictures { get; init; }

    /// <summary>Number of queries for present words; there are as many for absent ones.</summary>
    public required int Questions { get; init; }

    /// <summary>Least score of an answer, 0 to 1.</summary>
    public required float Threshold { get; init; }

    /// <summary>
    /// Fraction of the queries for present words in which more than half of the first mask, whatever its score, is on
    /// the right objects.
    /// </summary>
    public required double Pointing { get; init; }

    /// <summary>
    /// Control: the same with another word queried and the mask compared with the present word. It shows how much comes
    /// from pictures with little else in them.
    /// </summary>
    public required double ShuffledPointing { get; init; }

    /// <summary>
    /// Fraction of the queries for which more than half of any found mask is on the right objects: the upper bound of
    /// <see cref="Pointing"/>.
    /// </summary>
    public required double Reachable { get; init; }

    /// <summary>Fraction of present words that are found.</summary>
    public required double Found { get; init; }

    /// <summary>Fraction of absent words that are not found.</summary>
    public required double AbsentCalledAbsent { get; init; }

    /// <summary>Mean of <see cref="Found"/> and <see cref="AbsentCalledAbsent"/>.</summary>
    public required double Presence { get; init; }

    /// <summary>Mean IoU of the union of answers with the union of right objects; 0 if nothing is found.</summary>
    public required double MeanIou { get; init; }

    /// <summary>Control: the same with another word queried.</summary>
    public required double ShuffledMeanIou { get; init; }

    /// <summary>The figures of each word.</summary>
    public required IReadOnlyList<KnownWord> Words { get; init; }
}
