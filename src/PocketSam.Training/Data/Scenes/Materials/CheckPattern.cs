namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>Squares in turn 0 and 1, or with a middle value where bands of a plaid cross.</summary>
internal sealed class CheckPattern(PatternSpace space, bool plaid, float softness) : Pattern
{
    public override void Row(int x, int y, Span<float> values)
    {
        (float u, float v) = space.Map(x, y);
        foreach (ref float value in values)
        {
            float across = Band(u);
            float down = Band(v);
            value = plaid ? 0.5f * (across + down) : across + down - 2 * across * down;
            u += space.UByX;
            v += space.VByX;
        }
    }

    private float Band(float place)
    {
        float toMiddle = Math.Abs(place - MathF.Floor(place) - 0.5f);
        return Step(0.25f - toMiddle, 0, softness);
    }
}
