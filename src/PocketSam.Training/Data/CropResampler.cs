using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data;

/// <summary>Resizes a window of a picture and of its masks with the same filters.</summary>
internal sealed class CropResampler
{
    private const int MaxExtract = 64;

    private readonly ResampleFilter _across;
    private readonly ResampleFilter _down;

    public CropResampler(int sourceWidth, int sourceHeight, CropWindow window, int width, int height)
    {
        _across = new ResampleFilter(sourceWidth, window.Left, window.Width, width, window.Flip);
        _down = new ResampleFilter(sourceHeight, window.Top, window.Height, height, flip: false);
    }

    public PlanarImage Resize(RgbImage source)
    {
        PlanarImage result = new(_across.TargetSize, _down.TargetSize);
        int rowLength = 3 * source.Width;
        float[] rented = ArrayPool<float>.Shared.Rent(rowLength);
        Span<float> row = rented.AsSpan(0, rowLength);
        for (int y = 0; y < result.Height; y++)
        {
            row.Clear();
            int sourceY = _down.First(y);
            foreach (float weight in _down.Weights(y))
                AddBytes(source.Pixels.AsSpan(sourceY++ * rowLength, rowLength), weight, row);

            int start = y * result.Width;
            Span<float> red = result.Red[start..], green = result.Green[start..], blue = result.Blue[start..];
            for (int x = 0; x < result.Width; x++)
            {
                ReadOnlySpan<float> weights = _across.Weights(x);
                ReadOnlySpan<float> pixels = row.Slice(3 * _across.First(x), 3 * weights.Length);
                float r = 0, g = 0, b = 0;
                for (int i = 0; i < weights.Length; i++)
                {
                    r += pixels[3 * i] * weights[i];
                    g += pixels[3 * i + 1] * weights[i];
                    b += pixels[3 * i + 2] * weights[i];
                }

                (red[x], green[x], blue[x]) = (r, g, b);
            }
        }

        ArrayPool<float>.Shared.Return(rented);
        return result;
    }

    /// <summary>Resizes a mask: a pixel is set if the source mask covers at least half of it.</summary>
    public BinaryMask Resize(BinaryMask source)
    {
        BinaryMask result = new(_across.TargetSize, _down.TargetSize);
        int stride = source.Row(0).Length;
        Span<ulong> any = new ulong[stride];
        Span<ulong> all = new ulong[stride];
        for (int y = 0; y < result.Height; y++)
        {
            int first = _down.First(y);
            int taps = _down.Weights(y).Length;
            source.Row(first).CopyTo(any);
            source.Row(first).CopyTo(all);
            for (int tap = 1; tap < taps; tap++)
            {
                ReadOnlySpan<ulong> row = source.Row(first + tap);
                for (int i = 0; i < stride; i++)
                {
                    any[i] |= row[i];
                    all[i] &= row[i];
                }
            }

            if (any.ContainsAnyExcept(0ul))
                ResizeRow(source, y, any, all, result.Row(y));
        }

        return result;
    }

    /// <summary>
    /// Resizes one row. Where all source pixels of a target pixel agree, as most do, the target has their value
    /// (<paramref name="any"/> and <paramref name="all"/> are the union and the intersection of the source rows);
    /// otherwise the weights are summed.
    /// </summary>
    private void ResizeRow(
        BinaryMask source, int y, ReadOnlySpan<ulong> any, ReadOnlySpan<ulong> all, Span<ulong> result)
    {
        for (int x = 0; x < _across.TargetSize; x++)
        {
            int first = _across.First(x);
            int taps = _across.Weights(x).Length;
            bool set;
            if (taps <= MaxExtract && MaskRow.Extract(any, first, taps) == 0)
                set = false;
            else if (taps <= MaxExtract && MaskRow.Extract(all, first, taps) == MaskRow.Ones(taps))
                set = true;
            else
                set = Covered(source, x, y) >= 0.5f;

            if (set)
                result[x >> 6] |= 1ul << (x & 63);
        }
    }

    private float Covered(BinaryMask source, int x, int y)
    {
        float covered = 0;
        int row = _down.First(y);
        int first = _across.First(x);
        foreach (float rowWeight in _down.Weights(y))
        {
            ReadOnlySpan<ulong> bits = source.Row(row++);
            int column = first;
            float inRow = 0;
            foreach (float weight in _across.Weights(x))
            {
                inRow += (bits[column >> 6] >> (column & 63) & 1) * weight;
                column++;
            }

            covered += inRow * rowWeight;
        }

        return covered;
    }

    /// <summary>sum += weight * source</summary>
    private static void AddBytes(ReadOnlySpan<byte> source, float weight, Span<float> sum)
    {
        ReadOnlySpan<Vector128<byte>> sources = MemoryMarshal.Cast<byte, Vector128<byte>>(source);
        Span<Vector128<float>> sums = MemoryMarshal.Cast<float, Vector128<float>>(sum);
        for (int i = 0; i < sources.Length; i++)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(sources[i]);
            (Vector128<uint> q0, Vector128<uint> q1) = Vector128.Widen(low);
            (Vector128<uint> q2, Vector128<uint> q3) = Vector128.Widen(high);
            sums[4 * i] += Vector128.ConvertToSingle(q0.AsInt32()) * weight;
            sums[4 * i + 1] += Vector128.ConvertToSingle(q1.AsInt32()) * weight;
            sums[4 * i + 2] += Vector128.ConvertToSingle(q2.AsInt32()) * weight;
            sums[4 * i + 3] += Vector128.ConvertToSingle(q3.AsInt32()) * weight;
        }

        for (int i = sources.Length * Vector128<byte>.Count; i < source.Length; i++)
            sum[i] += source[i] * weight;
    }
}
