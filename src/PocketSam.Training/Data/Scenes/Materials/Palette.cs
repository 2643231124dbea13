using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>The colours of one picture: some near a theme, many muted natural ones, some arbitrary.</summary>
internal sealed class Palette(RandomStream random)
{
    private readonly float _hue = random.NextFloat();
    private readonly float _spread = random.Uniform(0.02f, 0.15f);
    private readonly float _saturation = random.Uniform(0.25f, 1);
    private readonly float _themed = random.Uniform(0, 0.6f);

    /// <summary>A random colour of the picture.</summary>
    public Color Next()
    {
        float kind = random.NextFloat(), value = 1 - 0.92f * random.NextFloat() * random.Uniform(0.5f, 1);
        if (kind < _themed)
            return Color.FromHsv(_hue + _spread * random.Normal(), _saturation * random.NextFloat(), value);
        if (kind > 0.5f + 0.5f * _themed)
            return Color.FromHsv(random.NextFloat(), random.Uniform(0.1f, 1) * (0.4f + 0.6f * _saturation), value);
        return random.Below(4) switch
        {
            0 => Color.FromHsv(0, 0, value),
            1 => Earth(),
            2 => Foliage(),
            _ => Sky(),
        };
    }

    /// <summary>A colour near another one: lighter or darker, with a slightly different hue.</summary>
    public Color Near(Color color, float distance)
        => Color.Mix(
            color.Times(Math.Max(1 + distance * random.Uniform(-1, 1), 0.05f)), Next(), 0.25f * distance * random.NextFloat());

    public Color Foliage() => Between(0.15f, 0.42f, 0.75f, 0.15f, 0.8f);

    public Color Earth() => Between(0.04f, 0.13f, 0.6f, 0.2f, 0.85f);

    public Color Sky() => Between(0.5f, 0.65f, 0.7f, 0.4f, 1);

    /// <summary>A colour between two hues (in turns) and two values.</summary>
    private Color Between(float fromHue, float toHue, float maxSaturation, float fromValue, float toValue)
        => Color.FromHsv(
            random.Uniform(fromHue, toHue), maxSaturation * random.Uniform(0.4f, 1), random.Uniform(fromValue, toValue));
}
