namespace PocketSam.Training.Words;

/// <summary>
/// How well words are understood. Each picture is asked for every word of the vocabulary that is marked in it, and for as many that
/// are not.
/// </summary>
public sealed record WordReport
{
    /// <summary>Pictures with a word of the vocabulary.</summary>
    public required int Pictures { get; init; }

    /// <summary>Questions for words that are there; there are as many for others.</summary>
    public required int Questions { get; init; }

    /// <summary>The least score of an answer.</summary>
    public required float Threshold { get; init; }

    /// <summary>Share of the questions for words that are there whose first mask, however unsure, lies by more than half on what is right.</summary>
    public required double Pointing { get; init; }

    /// <summary>
    /// The control: the same when another word is asked for, and the mask is held against the word that is there. What is left comes of
    /// pictures that show little else.
    /// </summary>
    public required double ShuffledPointing { get; init; }

    /// <summary>Share of the questions for which any mask that was found lies by more than half on what is right: more cannot be reached.</summary>
    public required double Reachable { get; init; }

    /// <summary>Share of words that are there and are found.</summary>
    public required double Found { get; init; }

    /// <summary>Share of words that are not there and are not found.</summary>
    public required double AbsentCalledAbsent { get; init; }

    /// <summary>The mean of the two: how often it is told rightly whether a word is there.</summary>
    public required double Presence { get; init; }

    /// <summary>Mean IoU of all masks that answer with all that are right; 0 where nothing is found.</summary>
    public required double MeanIou { get; init; }

    /// <summary>The control: the same when another word is asked for.</summary>
    public required double ShuffledMeanIou { get; init; }

    /// <summary>Each word by itself.</summary>
    public required IReadOnlyList<KnownWord> Words { get; init; }
}
