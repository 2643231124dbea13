namespace PocketSam.Imaging;

/// <summary>A prompt box to draw, in pixels from the left and the top.</summary>
/// <param name="Left">The left edge.</param>
/// <param name="Top">The top edge.</param>
/// <param name="Right">The right edge.</param>
/// <param name="Bottom">The bottom edge.</param>
public readonly record struct BoxMark(double Left, double Top, double Right, double Bottom);
