namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>
/// Noise pushed away from a threshold: sharpness 1 leaves it soft, 20 makes blotches with hard edges.
/// </summary>
internal sealed class NoisePattern(NoiseTile tile, PatternSpace space, float threshold, float sharpness) : Pattern
{
    public override void Row(int x, int y, Span<float> values)
    {
        (float u, float v) = space.Map(x, y);
        foreach (ref float value in values)
        {
            value = Math.Clamp((tile.Sample(u, v) - threshold) * sharpness + 0.5f, 0, 1);
            u += space.UByX;
            v += space.VByX;
        }
    }
}
