namespace PocketSam;

/// <summary>What it takes to write a mask in a <see cref="MaskFormat"/>, told before anything is made.</summary>
/// <param name="Corners">Corners of its exact outlines, where the format has outlines.</param>
/// <param name="Pixels">Pixels of the picture that is made of it, where the format is one.</param>
/// <param name="PhotoPixels">Those of them that show the photo, which compression does little to.</param>
public readonly record struct MaskCost(long Corners = 0, long Pixels = 0, long PhotoPixels = 0);
