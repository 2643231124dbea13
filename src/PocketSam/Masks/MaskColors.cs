namespace PocketSam;

/// <summary>The colours of masks in pictures.</summary>
public static class MaskColors
{
    private const double GoldenRatio = 0.6180339887498949;
    private const double FirstHue = 0.58;
    private const double Saturation = 0.85;

    /// <summary>
    /// The colour of a mask by its index. It is the same in every picture; colours of neighbouring indices are far
    /// apart on the colour circle.
    /// </summary>
    /// <param name="index">The index, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static (byte Red, byte Green, byte Blue) Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);

        // Steps of the golden ratio stay away from the hues of the last few indices.
        double hue = (FirstHue + index * GoldenRatio) % 1;
        return (Channel(hue, 0), Channel(hue, 2.0 / 3), Channel(hue, 1.0 / 3));

        // A channel is at its maximum within a sixth of the circle on
        // either side of its own hue, and fades over the next sixth.
        static byte Channel(double hue, double shift)
        {
            double distance = Math.Abs((hue + shift) % 1 - 0.5) * 6 - 1;
            return (byte)Math.Round(255 * (1 - Saturation + Saturation * Math.Clamp(distance, 0, 1)));
        }
    }
}
