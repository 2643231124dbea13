using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>
/// Where a pattern lies in the picture: pattern coordinates of pixel (x, y) are <c>u = X.u x + Y.u y + u0</c> and
/// likewise v. A unit is the pattern's own: a stripe, a tile, a texel.
/// </summary>
internal readonly record struct PatternSpace(float UByX, float UByY, float UStart, float VByX, float VByY, float VStart)
{
    /// <summary>
    /// A space of which a unit is <paramref name="unitPixels"/> pixels along u and <paramref name="stretch"/> times
    /// that along v, turned, with <paramref name="originU"/>, <paramref name="originV"/> at the pixel (x, y).
    /// </summary>
    public static PatternSpace At(
        float x, float y, float unitPixels, float turns, float stretch = 1, float originU = 0, float originV = 0)
    {
        float cos = PortableMath.CosTurns(turns), sin = PortableMath.SinTurns(turns);
        float perU = 1 / unitPixels;
        float perV = perU / stretch;
        return new PatternSpace(
            cos * perU, sin * perU, originU - (cos * x + sin * y) * perU,
            -sin * perV, cos * perV, originV - (cos * y - sin * x) * perV);
    }

    /// <summary>Pattern coordinates at the centre of pixel (x, y).</summary>
    public (float U, float V) Map(int x, int y)
    {
        float centerX = x + 0.5f, centerY = y + 0.5f;
        return (UByX * centerX + UByY * centerY + UStart, VByX * centerX + VByY * centerY + VStart);
    }
}
