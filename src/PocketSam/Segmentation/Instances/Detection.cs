namespace PocketSam.Segmentation.Instances;

/// <summary>A box found by a network, in pixels of its input.</summary>
/// <param name="Anchor">Index of the anchor.</param>
/// <param name="Score">Score, 0 to 1.</param>
/// <param name="Box">The box.</param>
internal readonly record struct Detection(int Anchor, float Score, EdgeBox Box);
