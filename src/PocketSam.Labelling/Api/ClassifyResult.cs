namespace PocketSam.Labelling.Api;

/// <summary>What guessing classes of proposals came to.</summary>
/// <param name="Classes">The classes that were learned; none where there is too little to learn from.</param>
/// <param name="Objects">How many objects of them it learned from.</param>
/// <param name="HeldOutAccuracy">The share of these whose class is guessed right while their picture is held out, 0 to 1.</param>
/// <param name="Threshold">The least probability of a guess; null where all is unsure.</param>
/// <param name="Guessed">Proposals that have a class now.</param>
/// <param name="Unsure">Proposals of which it is unsure.</param>
/// <param name="Unreadable">Pictures that could not be looked at.</param>
/// <param name="WhyNot">Why nothing was learned, in a sentence; null where it was.</param>
internal sealed record ClassifyResult(
    IReadOnlyList<long> Classes, long Objects, double? HeldOutAccuracy, double? Threshold, long Guessed, long Unsure, long Unreadable,
    string? WhyNot);
