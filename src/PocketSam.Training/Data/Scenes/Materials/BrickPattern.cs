namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>
/// Bricks or tiles in rows: 0 in the joints, in each brick a value of its own between 0.4 and 1.
/// </summary>
internal sealed class BrickPattern(PatternSpace space, float joint, float shift, float softness) : Pattern
{
    public override void Row(int x, int y, Span<float> values)
    {
        (float u, float v) = space.Map(x, y);
        foreach (ref float value in values)
        {
            float row = MathF.Floor(v);
            float place = u + row * shift;
            float column = MathF.Floor(place);
            float toJoint = Math.Min(
                0.5f - Math.Abs(place - column - 0.5f), 0.5f - Math.Abs(v - row - 0.5f));
            value = Step(toJoint, joint, softness) * Shade((int)column, (int)row);
            u += space.UByX;
            v += space.VByX;
        }
    }

    private static float Shade(int column, int row)
    {
        uint hash = (uint)column * 0x9E3779B1u ^ (uint)row * 0x85EBCA77u;
        hash = (hash ^ hash >> 15) * 0x2C1B3C6Du;
        return 0.4f + 0.6f * (hash >> 16) / 65536f;
    }
}
