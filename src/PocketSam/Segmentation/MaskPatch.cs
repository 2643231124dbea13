namespace PocketSam.Segmentation;

/// <summary>The part of a mask outside of which nothing is set.</summary>
/// <param name="Bits">The pixels of that part; null where nothing at all is set.</param>
/// <param name="Area">Where it lies in the picture.</param>
/// <param name="Stability">The stability score of the whole mask.</param>
internal readonly record struct MaskPatch(BinaryMask? Bits, PixelBox Area, float Stability);
