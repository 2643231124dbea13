namespace PocketSam;

/// <summary>
/// A corner of pixels: pixel <c>(x, y)</c> covers the square from corner <c>(x, y)</c> to <c>(x + 1, y + 1)</c>.
/// </summary>
/// <param name="X">Pixels from the left edge of the picture, 0 to its width.</param>
/// <param name="Y">Pixels from the top edge of the picture, 0 to its height.</param>
public readonly record struct PixelCorner(int X, int Y);
