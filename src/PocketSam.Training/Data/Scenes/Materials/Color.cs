namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>Red, green, blue from 0 to 255, as a screen shows them.</summary>
internal readonly record struct Color(float R, float G, float B)
{
    /// <summary>From hue (in turns), saturation and value, both 0 to 1; whole steps of 255.</summary>
    public static Color FromHsv(float hue, float saturation, float value)
    {
        saturation = Math.Clamp(saturation, 0, 1);
        value = Math.Clamp(value, 0, 1);
        return new Color(
            Channel(hue, saturation, value), Channel(hue + 2f / 3, saturation, value),
            Channel(hue + 1f / 3, saturation, value));
    }

    public static Color Grey(float value) => FromHsv(0, 0, value);

    public static Color Mix(Color a, Color b, float at)
        => new(a.R + (b.R - a.R) * at, a.G + (b.G - a.G) * at, a.B + (b.B - a.B) * at);

    /// <summary>Lighter (factor over 1) or darker.</summary>
    public Color Times(float factor)
        => new(Math.Min(R * factor, 255), Math.Min(G * factor, 255), Math.Min(B * factor, 255));

    /// <summary>On whole steps, so that a flat surface has exactly this colour.</summary>
    public Color Rounded() => new((int)(R + 0.5f), (int)(G + 0.5f), (int)(B + 0.5f));

    private static float Channel(float hue, float saturation, float value)
    {
        // Distance from pure red round the wheel, 0 to 0.5: full within a sixth, none past a third.
        float distance = Math.Abs(hue - MathF.Floor(hue + 0.5f));
        float amount = Math.Clamp(2 - 6 * distance, 0, 1);
        return (int)(255 * value * (1 - saturation * (1 - amount)) + 0.5f);
    }
}
