using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PocketSam.Kernels.Image;

/// <summary>
/// Resizes 8-bit pictures of three interleaved channels, with the same bits as Pillow's antialiased filters: first
/// along rows, rounded to 8 bits, then along columns. An axis that keeps its size is not filtered.
/// </summary>
internal static unsafe class ResampleKernel
{
    private const int Channels = 3;

    /// <summary>Target rows made at a time; only the source rows that they need are kept.</summary>
    private const int StripRows = 32;

    private const int Half = 1 << (ResampleTaps.FractionBits - 1);

    /// <summary>Fills <c>[targetHeight, targetWidth, 3]</c> from <c>[height, width, 3]</c>.</summary>
    public static void Run(byte* source, int width, int height, byte* target, int targetWidth, int targetHeight)
    {
        ResampleTaps? columns = width == targetWidth ? null : ResampleTaps.Between(width, targetWidth);
        ResampleTaps? rows = height == targetHeight ? null : ResampleTaps.Between(height, targetHeight);
        Run(source, width, target, targetWidth, targetHeight, columns, rows);
    }

    /// <summary>
    /// Fills the part <c>[targetHeight, targetWidth, 3]</c> of the resized picture that the taps describe; null for an
    /// axis that keeps its size.
    /// </summary>
    public static void Run(
        byte* source, int width, byte* target, int targetWidth, int targetHeight, ResampleTaps? columns, ResampleTaps? rows)
    {
        nint sourceStride = (nint)width * Channels, stride = (nint)targetWidth * Channels;
        Workers.For((targetHeight + StripRows - 1) / StripRows, strip =>
        {
            int start = strip * StripRows, end = Math.Min(start + StripRows, targetHeight);
            if (rows is null)
            {
                for (int y = start; y < end; y++)
                    Horizontal(source + y * sourceStride, target + y * stride, columns, targetWidth);
                return;
            }

            int first = rows.First[start], last = rows.First[end - 1] + rows.Count[end - 1];
            if (columns is null)
            {
                for (int y = start; y < end; y++)
                    Vertical(source + rows.First[y] * stride, stride, rows, y, target + y * stride);
                return;
            }

            byte[] kept = ArrayPool<byte>.Shared.Rent(checked((int)((last - first) * stride)));
            fixed (byte* k = kept)
            {
                for (int y = first; y < last; y++)
                    Horizontal(source + y * sourceStride, k + (y - first) * stride, columns, targetWidth);
                for (int y = start; y < end; y++)
                    Vertical(k + (rows.First[y] - first) * stride, stride, rows, y, target + y * stride);
            }

            ArrayPool<byte>.Shared.Return(kept);
        });
    }

    /// <summary>Filters one row from the source's width to the target's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Horizontal(byte* source, byte* target, ResampleTaps? taps, int width)
    {
        if (taps is null)
        {
            Unsafe.CopyBlockUnaligned(target, source, (uint)(width * Channels));
            return;
        }

        fixed (int* weights = taps.Weights)
        {
            for (int x = 0; x < width; x++, target += Channels)
            {
                int* w = weights + (nint)x * taps.Stride;
                byte* pixel = source + (nint)taps.First[x] * Channels;
                int red = Half, green = Half, blue = Half;
                for (int k = 0; k < taps.Count[x]; k++, pixel += Channels)
                {
                    red += w[k] * pixel[0];
                    green += w[k] * pixel[1];
                    blue += w[k] * pixel[2];
                }

                target[0] = ToByte(red);
                target[1] = ToByte(green);
                target[2] = ToByte(blue);
            }
        }
    }

    /// <summary>Filters row <paramref name="y"/> of the target from its source rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vertical(byte* source, nint stride, ResampleTaps taps, int y, byte* target)
    {
        int count = taps.Count[y];
        fixed (int* weights = taps.Weights)
        {
            int* w = weights + (nint)y * taps.Stride;
            nint i = 0;
            for (; i + Vector128<byte>.Count <= stride; i += Vector128<byte>.Count)
            {
                Vector128<int> a = Vector128.Create(Half), b = a, c = a, d = a;
                for (int k = 0; k < count; k++)
                {
                    (Vector128<ushort> low, Vector128<ushort> high)
                        = Vector128.Widen(Vector128.Load(source + k * stride + i));
                    Vector128<int> weight = Vector128.Create(w[k]);
                    a += Vector128.WidenLower(low).AsInt32() * weight;
                    b += Vector128.WidenUpper(low).AsInt32() * weight;
                    c += Vector128.WidenLower(high).AsInt32() * weight;
                    d += Vector128.WidenUpper(high).AsInt32() * weight;
                }

                Vector128.Narrow(
                    Vector128.Narrow(ToByte(a), ToByte(b)), Vector128.Narrow(ToByte(c), ToByte(d))).Store(target + i);
            }

            for (; i < stride; i++)
            {
                int sum = Half;
                for (int k = 0; k < count; k++)
                    sum += w[k] * source[k * stride + i];
                target[i] = ToByte(sum);
            }
        }
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> ResampleTaps.FractionBits, 0, byte.MaxValue);

    private static Vector128<uint> ToByte(Vector128<int> sums) => Vector128.Min(
        Vector128.Max(sums >> ResampleTaps.FractionBits, Vector128<int>.Zero), Vector128.Create((int)byte.MaxValue)).AsUInt32();
}
