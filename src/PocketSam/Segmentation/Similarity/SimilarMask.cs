namespace PocketSam;

/// <summary>A mask that is similar to the examples.</summary>
/// <param name="Similarity">Similarity to the closest example, 0 to 1 (formula at
/// <see cref="SimilarObjects"/>).</param>
/// <param name="Mask">The mask.</param>
public sealed record SimilarMask(float Similarity, GeneratedMask Mask);
