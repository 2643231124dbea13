using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>The colours of one picture: some near a theme, many muted as in nature, some free.</summary>
internal sealed class Palette
{
    private readonly RandomStream _random;
    private readonly float _hue;
    private readonly float _spread;
    private readonly float _saturation;
    private readonly float _themed;

    public Palette(RandomStream random)
    {
        _random = random;
        _hue = random.NextFloat();
        _spread = random.Uniform(0.02f, 0.15f);
        _saturation = random.Uniform(0.25f, 1);
        _themed = random.Uniform(0, 0.6f);
    }

    /// <summary>Any colour of the picture.</summary>
    public Color Next()
    {
        float kind = _random.NextFloat();
        float value = 1 - 0.92f * _random.NextFloat() * _random.Uniform(0.5f, 1);
        if (kind < _themed)
            return Color.FromHsv(_hue + _spread * _random.Normal(), _saturation * _random.NextFloat(), value);
        if (kind < _themed + 0.5f * (1 - _themed))
            return Muted(value);
        return Color.FromHsv(_random.NextFloat(), _random.Uniform(0.1f, 1) * (0.4f + 0.6f * _saturation), value);
    }

    /// <summary>A colour beside another: lighter or darker, a little off in hue.</summary>
    public Color Near(Color color, float distance)
    {
        float factor = 1 + distance * _random.Uniform(-1, 1);
        Color other = Next();
        return Color.Mix(color.Times(Math.Max(factor, 0.05f)), other, 0.25f * distance * _random.NextFloat()).Rounded();
    }

    /// <summary>A colour between two hues (in turns) and the given values.</summary>
    public Color Between(float fromHue, float toHue, float maxSaturation, float fromValue, float toValue)
        => Color.FromHsv(
            _random.Uniform(fromHue, toHue), maxSaturation * _random.Uniform(0.4f, 1),
            _random.Uniform(fromValue, toValue));

    public Color Foliage() => Between(0.15f, 0.42f, 0.75f, 0.15f, 0.8f);

    public Color Earth() => Between(0.04f, 0.13f, 0.6f, 0.2f, 0.85f);

    public Color Skin() => Between(0.03f, 0.09f, 0.6f, 0.25f, 1);

    public Color Sky() => Between(0.5f, 0.65f, 0.7f, 0.4f, 1);

    private Color Muted(float value)
    {
        return _random.Below(4) switch
        {
            0 => Color.Grey(value),
            1 => Between(0.04f, 0.13f, 0.6f, 0.15f, 0.95f),
            2 => Between(0.15f, 0.4f, 0.5f, 0.15f, 0.8f),
            _ => Between(0.5f, 0.7f, 0.35f, 0.15f, 0.9f),
        };
    }
}
