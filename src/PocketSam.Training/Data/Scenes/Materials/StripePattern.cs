namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>
/// Bands of which the given fraction is 1, bent by noise: shirts, zebras, wood, ploughed earth, water.
/// </summary>
internal sealed class StripePattern(PatternSpace space, float fraction, float softness, float bend) : Pattern
{
    public override void Row(int x, int y, Span<float> values)
    {
        (float u, float v) = space.Map(x, y);
        foreach (ref float value in values)
        {
            float place = u;
            if (bend > 0)
                place += bend * (NoiseTile.Cloud.Sample(u * 9, v * 9) - 0.5f);
            float toMiddle = Math.Abs(place - MathF.Floor(place) - 0.5f);
            value = Step(0.5f * fraction - toMiddle, 0, softness);
            u += space.UByX;
            v += space.VByX;
        }
    }
}
