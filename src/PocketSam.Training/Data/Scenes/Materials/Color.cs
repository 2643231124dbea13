namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>Red, green and blue from 0 to 255, gamma-encoded as for a screen.</summary>
internal readonly record struct Color(float R, float G, float B)
{
    /// <summary>Makes a colour from hue in turns, and saturation and value from 0 to 1.</summary>
    public static Color FromHsv(float hue, float saturation, float value)
    {
        return new Color(Channel(hue), Channel(hue + 2f / 3), Channel(hue + 1f / 3));

        float Channel(float turned)
        {
            // Distance from pure red on the colour wheel, 0 to 0.5: full within a sixth, none beyond a third.
            float distance = Math.Abs(turned - MathF.Floor(turned + 0.5f));
            return 255 * value * (1 - saturation * (1 - Math.Clamp(2 - 6 * distance, 0, 1)));
        }
    }

    public static Color Mix(Color a, Color b, float at)
        => new(a.R + (b.R - a.R) * at, a.G + (b.G - a.G) * at, a.B + (b.B - a.B) * at);

    /// <summary>A lighter (factor above 1) or darker colour.</summary>
    public Color Times(float factor) => new(Math.Min(R * factor, 255), Math.Min(G * factor, 255), Math.Min(B * factor, 255));
}
