namespace PocketSam.Kernels.Image;

/// <summary>
/// How each of some places is made of two neighbouring values when a map is resized bilinearly, as
/// <c>interpolate(mode="bilinear", align_corners=False)</c> does, in single precision.
/// </summary>
internal sealed class BilinearTaps
{
    /// <param name="size">Values there are.</param>
    /// <param name="target">Places that are made of them.</param>
    public BilinearTaps(int size, int target)
    {
        Size = size;
        First = new int[target];
        Second = new int[target];
        Weights = new float[target];
        float scale = (float)size / target;
        for (int i = 0; i < target; i++)
        {
            float place = Math.Max(0, scale * (i + 0.5f) - 0.5f);
            First[i] = Math.Min((int)place, size - 1);
            Second[i] = Math.Min(First[i] + 1, size - 1);
            Weights[i] = Math.Clamp(place - First[i], 0, 1);
        }
    }

    /// <summary>Values there are.</summary>
    public int Size { get; }

    /// <summary>The value before each place, and the one after it.</summary>
    public int[] First { get; }

    public int[] Second { get; }

    /// <summary>The weight of the second; the first has the rest.</summary>
    public float[] Weights { get; }
}
