namespace PocketSam.Imaging;

/// <summary>A prompt point to be drawn: green on the object, red off it.</summary>
/// <param name="X">Pixels from the left; whole numbers are pixel centres.</param>
/// <param name="Y">Pixels from the top.</param>
/// <param name="IsForeground">Whether the point lies on the object.</param>
public readonly record struct PointMark(double X, double Y, bool IsForeground = true);
