namespace PocketSam;

/// <summary>The cost of writing a mask in a <see cref="MaskFormat"/>, known before writing.</summary>
/// <param name="Corners">Corners of its exact outlines, if the format has outlines.</param>
/// <param name="Pixels">Pixels of the picture of the mask, if the format is a picture.</param>
/// <param name="PhotoPixels">Those of the pixels that show the photo, which compresses poorly.</param>
public readonly record struct MaskCost(long Corners = 0, long Pixels = 0, long PhotoPixels = 0);
