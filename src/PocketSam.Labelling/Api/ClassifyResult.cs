namespace PocketSam.Labelling.Api;

/// <summary>The result of guessing the classes of proposals.</summary>
/// <param name="Classes">Ids of the learned classes; empty if there are too few objects to learn from.</param>
/// <param name="Objects">The number of objects of these classes that are learned from.</param>
/// <param name="HeldOutAccuracy">The fraction of these objects whose class is guessed right while their picture is held
/// out, 0 to 1.</param>
/// <param name="Threshold">The lowest probability that gives a class, 0 to 1; null if every guess is unsure.</param>
/// <param name="Guessed">The number of proposals with a guessed class.</param>
/// <param name="Unsure">The number of proposals without a class, because the guess is unsure.</param>
/// <param name="Unreadable">The number of pictures that cannot be read.</param>
/// <param name="WhyNot">Why nothing is learned, one sentence; null if something is.</param>
internal sealed record ClassifyResult(
    IReadOnlyList<long> Classes, long Objects, double? HeldOutAccuracy, double? Threshold, long Guessed, long Unsure, long Unreadable,
    string? WhyNot);
