namespace PocketSam.Imaging;

/// <summary>A prompt point to draw: green for foreground, red for background.</summary>
/// <param name="X">Pixels from the left; integers are pixel centres.</param>
/// <param name="Y">Pixels from the top; integers are pixel centres.</param>
/// <param name="IsForeground">Whether the point marks the object rather than the background.</param>
public readonly record struct PointMark(double X, double Y, bool IsForeground = true);
