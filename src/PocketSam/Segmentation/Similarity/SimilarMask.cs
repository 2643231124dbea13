namespace PocketSam;

/// <summary>A mask that looks like the examples that were given.</summary>
/// <param name="Similarity">How alike, 0 to 1: that of the example that it is most like (<see cref="SimilarObjects"/> has the formula).</param>
/// <param name="Mask">The mask.</param>
public sealed record SimilarMask(float Similarity, GeneratedMask Mask);
