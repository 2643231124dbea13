namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>From 0 to 1 along u, or with the distance from the origin.</summary>
internal sealed class GradientPattern(PatternSpace space, bool radial) : Pattern
{
    public override void Row(int x, int y, Span<float> values)
    {
        (float u, float v) = space.Map(x, y);
        foreach (ref float value in values)
        {
            float place = radial ? MathF.Sqrt(u * u + v * v) : u;
            value = Math.Clamp(place, 0, 1);
            u += space.UByX;
            v += space.VByX;
        }
    }
}
