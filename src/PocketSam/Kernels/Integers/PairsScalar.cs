namespace PocketSam.Kernels.Integers;

/// <summary>Pairs of 16 bits, one sum, without vectors.</summary>
internal readonly unsafe struct PairsScalar : IIntegerSimd<int>
{
    public static int Width => 1;

    public static int Group => 2;

    public static int Offset => 0;

    public static int Load(void* source) => *(int*)source;

    public static int Broadcast(int* source) => *source;

    public static int MultiplyAdd(int sum, int left, int right) => sum + (short)left * (short)right + (left >> 16) * (right >> 16);

    public static void Store(float* target, int sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        float value = (float)(sum - zero * *columnSums) * scale * *columnScales;
        *target = accumulate ? *target + value : value;
    }
}
