using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Integers;

/// <summary>
/// Rows of floats as integers from 0 to 255: q = round(x / scale) + zero, with scale = (max - min) / 255 and zero =
/// round(-min / scale) over the row, whose range is widened to include 0, so that 0 is exact.
/// </summary>
internal static unsafe class QuantizedRows
{
    private const int MaxStep = 255;

    /// <summary>Finds a row's scale and zero point.</summary>
    /// <param name="row">The values.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="scale">The scale; 0 for a row of zeros.</param>
    /// <param name="zero">The integer that stands for 0, 0 to 255.</param>
    /// <returns>1 / scale; 0 for a row of zeros or with a range too small to divide by.</returns>
    public static float Range(float* row, int count, out float scale, out int zero)
    {
        float least = 0, greatest = 0;
        var range = new RangeLoop { Row = row, Count = count, Least = &least, Greatest = &greatest };
        Simd.Run(range);
        scale = (greatest - least) / MaxStep;
        float inverse = MaxStep / (greatest - least);
        if (!(scale > 0) || !float.IsFinite(inverse))
        {
            scale = 0;
            zero = 0;
            return 0;
        }

        zero = (int)MathF.Round(-least * inverse);
        return inverse;
    }

    /// <summary>Writes a row as 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(float* row, int count, float inverse, int zero, short* target)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> factor = Vector256.Create(inverse), shift = Vector256.Create((float)zero);
            for (; i + 16 <= count; i += 16)
            {
                Vector256<int> low = Steps(Vector256.Load(row + i), factor, shift), high = Steps(Vector256.Load(row + i + 8), factor, shift);
                Vector256.Narrow(low, high).Store(target + i);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<float> factor = Vector128.Create(inverse), shift = Vector128.Create((float)zero);
            for (; i + 8 <= count; i += 8)
            {
                Vector128<int> low = Steps(Vector128.Load(row + i), factor, shift), high = Steps(Vector128.Load(row + i + 4), factor, shift);
                Vector128.Narrow(low, high).Store(target + i);
            }
        }

        for (; i < count; i++)
            target[i] = (short)Step(row[i], inverse, zero);
    }

    /// <summary>Writes a row as bytes, with <paramref name="offset"/> subtracted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(float* row, int count, float inverse, int zero, int offset, sbyte* target)
    {
        int i = 0;
        if (Avx512BW.IsSupported && Vector512.IsHardwareAccelerated)
        {
            Vector512<float> factor = Vector512.Create(inverse), shift = Vector512.Create((float)zero);
            Vector512<int> less = Vector512.Create(offset);
            for (; i + 16 <= count; i += 16)
                Avx512F.ConvertToVector128SByte(Steps(Vector512.Load(row + i), factor, shift) - less).Store(target + i);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> factor = Vector256.Create(inverse), shift = Vector256.Create((float)zero);
            Vector256<short> less = Vector256.Create((short)offset);
            for (; i + 16 <= count; i += 16)
            {
                Vector256<short> steps = Vector256.Narrow(
                    Steps(Vector256.Load(row + i), factor, shift), Steps(Vector256.Load(row + i + 8), factor, shift)) - less;
                Vector128.Narrow(steps.GetLower(), steps.GetUpper()).Store(target + i);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<float> factor = Vector128.Create(inverse), shift = Vector128.Create((float)zero);
            Vector128<short> less = Vector128.Create((short)offset);
            for (; i + 16 <= count; i += 16)
            {
                Vector128<short> low = Vector128.Narrow(
                    Steps(Vector128.Load(row + i), factor, shift), Steps(Vector128.Load(row + i + 4), factor, shift));
                Vector128<short> high = Vector128.Narrow(
                    Steps(Vector128.Load(row + i + 8), factor, shift), Steps(Vector128.Load(row + i + 12), factor, shift));
                Vector128.Narrow(low - less, high - less).Store(target + i);
            }
        }

        for (; i < count; i++)
            target[i] = (sbyte)(Step(row[i], inverse, zero) - offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Steps(Vector512<float> x, Vector512<float> factor, Vector512<float> shift)
        => Vector512.ConvertToInt32Native(Vector512.MinNative(
            Vector512.MaxNative(Vector512.Round(x * factor) + shift, Vector512<float>.Zero), Vector512.Create((float)MaxStep)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Steps(Vector256<float> x, Vector256<float> factor, Vector256<float> shift)
        => Vector256.ConvertToInt32Native(Vector256.MinNative(
            Vector256.MaxNative(Vector256.Round(x * factor) + shift, Vector256<float>.Zero), Vector256.Create((float)MaxStep)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Steps(Vector128<float> x, Vector128<float> factor, Vector128<float> shift)
        => Vector128.ConvertToInt32Native(Vector128.MinNative(
            Vector128.MaxNative(Vector128.Round(x * factor) + shift, Vector128<float>.Zero), Vector128.Create((float)MaxStep)));

    private static int Step(float x, float inverse, int zero) => (int)Math.Clamp(MathF.Round(x * inverse) + zero, 0f, MaxStep);

    /// <summary>The minimum and maximum of the values and 0.</summary>
    private struct RangeLoop : ISimdKernel
    {
        public float* Row, Least, Greatest;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            V least = S.Set(0f), greatest = S.Set(0f), zero = S.Set(0f);
            int i = 0;
            for (; i + S.Width <= Count; i += S.Width)
            {
                V x = S.Load(Row + i);
                least = S.Min(least, x);
                greatest = S.Max(greatest, x);
            }

            float low = -S.MaxLane(S.Subtract(zero, least)), high = S.MaxLane(greatest);
            for (; i < Count; i++)
            {
                low = Math.Min(low, Row[i]);
                high = Math.Max(high, Row[i]);
            }

            *Least = low;
            *Greatest = high;
        }
    }
}
