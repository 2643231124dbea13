namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>A value from 0 to 1 for every pixel of the picture.</summary>
internal abstract class Pattern
{
    /// <summary>The values of the pixels from (x, y) rightwards.</summary>
    public abstract void Row(int x, int y, Span<float> values);

    /// <summary>
    /// 0 below the edge, 1 above, a ramp of the given width between: a threshold that does not alias.
    /// </summary>
    protected static float Step(float value, float edge, float width)
        => Math.Clamp((value - edge) / width + 0.5f, 0, 1);
}
