namespace PocketSam;

/// <summary>The colours that masks are shown in.</summary>
public static class MaskColors
{
    private const double GoldenRatio = 0.6180339887498949;
    private const double FirstHue = 0.58;
    private const double Saturation = 0.85;

    /// <summary>
    /// The colour of a mask by its place in the list. It is the same in every picture; neighbours in the list are far
    /// apart on the colour circle.
    /// </summary>
    /// <param name="index">The place, from 0.</param>
    public static (byte Red, byte Green, byte Blue) Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);

        // Steps of the golden ratio keep clear of the hues taken by the last few.
        double hue = (FirstHue + index * GoldenRatio) % 1;
        return (Channel(hue, 0), Channel(hue, 2.0 / 3), Channel(hue, 1.0 / 3));

        // A channel is full within a sixth of the circle on either side of its own hue, and fades over the next sixth.
        static byte Channel(double hue, double shift)
        {
            double distance = Math.Abs((hue + shift) % 1 - 0.5) * 6 - 1;
            return (byte)Math.Round(255 * (1 - Saturation + Saturation * Math.Clamp(distance, 0, 1)));
        }
    }
}
