namespace PocketSam.Kernels.Image;

/// <summary>
/// The two source values and weights of each target value when a map is resized bilinearly as by
/// <c>interpolate(mode="bilinear", align_corners=False)</c>, in single precision.
/// </summary>
internal sealed class BilinearTaps
{
    /// <param name="size">Number of source values.</param>
    /// <param name="target">Number of target values.</param>
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

    /// <summary>Number of source values.</summary>
    public int Size { get; }

    /// <summary>Index of the source value before each target value, and of the one after it.</summary>
    public int[] First { get; }

    public int[] Second { get; }

    /// <summary>The weight of the second source value, 0 to 1; the first has the rest.</summary>
    public float[] Weights { get; }
}
