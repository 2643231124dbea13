namespace PocketSam.Kernels.Integers;

/// <summary>One sum, without vectors.</summary>
internal readonly unsafe struct LanesScalar : IIntegerLanes<int>
{
    public static int Width => 1;

    public static int Load(int* source) => *source;

    public static int Broadcast(int* source) => *source;

    public static void Store(float* target, int sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        float value = (float)(sum - zero * *columnSums) * scale * *columnScales;
        *target = accumulate ? *target + value : value;
    }
}
