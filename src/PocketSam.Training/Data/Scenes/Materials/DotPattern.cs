namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>1 in discs on a grid, every other row shifted by half a step.</summary>
internal sealed class DotPattern(PatternSpace space, float radius, float softness) : Pattern
{
    public override void Row(int x, int y, Span<float> values)
    {
        (float u, float v) = space.Map(x, y);
        foreach (ref float value in values)
        {
            float row = MathF.Floor(v);
            float place = u + 0.5f * ((int)row & 1);
            float dx = place - MathF.Floor(place) - 0.5f;
            float dy = v - row - 0.5f;
            value = Step(radius - MathF.Sqrt(dx * dx + dy * dy), 0, softness);
            u += space.UByX;
            v += space.VByX;
        }
    }
}
