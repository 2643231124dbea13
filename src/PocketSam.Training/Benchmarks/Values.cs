namespace PocketSam.Training.Benchmarks;

/// <summary>Random input values.</summary>
internal static class Values
{
    /// <summary>Pinned values from -0.5 to 0.5, the same on each call.</summary>
    public static float[] Random(int count)
    {
        var random = new Random(1);
        float[] values = GC.AllocateUninitializedArray<float>(count, pinned: true);
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() - 0.5f;
        return values;
    }
}
