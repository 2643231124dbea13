namespace PocketSam.Segmentation.Instances;

/// <summary>A box that a network found, in pixels of its input.</summary>
/// <param name="Anchor">Which anchor found it.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Box">The box.</param>
internal readonly record struct Detection(int Anchor, float Score, EdgeBox Box);
