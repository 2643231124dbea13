using System.Numerics;
using PocketSam.Kernels;
using PocketSam.Kernels.Image;

namespace PocketSam.Segmentation;

/// <summary>
/// Resamples mask logits to their picture's size
/// (segment_anything/modeling/sam.py, postprocess_masks) and measures them there.
/// </summary>
internal sealed unsafe class MaskUpsampler
{
    /// <summary>Distance from zero of the stability score's two thresholds (SAM's automatic mask generator).</summary>
    public const float StabilityMargin = 1f;

    /// <summary>Rows of the picture in a part.</summary>
    private const int StripRows = 128;

    /// <summary>Rows that are measured at a time.</summary>
    private const int MeasuredRows = 32;

    private readonly UpsampleTaps _columns;
    private readonly UpsampleTaps _rows;
    private readonly int _side;

    public MaskUpsampler(ImageGeometry geometry)
    {
        _side = geometry.MaskSide;
        _columns = new UpsampleTaps(_side, geometry.InputSize, geometry.ResizedWidth, geometry.Width);
        _rows = new UpsampleTaps(_side, geometry.InputSize, geometry.ResizedHeight, geometry.Height);
    }

    /// <summary>Each mask at the picture's size, with its stability score, 0 to 1.</summary>
    public (BinaryMask Bits, float Stability)[] Run(IReadOnlyList<MaskLogits> logits)
    {
        int height = _rows.First.Length, strips = (height + StripRows - 1) / StripRows;
        var bits = new BinaryMask[logits.Count];
        for (int i = 0; i < bits.Length; i++)
            bits[i] = new BinaryMask(_columns.First.Length, height);
        var counts = new (long Sure, long Possible)[logits.Count * strips];
        Workers.For(counts.Length, part =>
        {
            int start = part % strips * StripRows, end = Math.Min(start + StripRows, height);
            fixed (float* low = logits[part / strips].Values)
            fixed (ulong* words = bits[part / strips].Words)
            {
                counts[part] = UpsampleKernel.Threshold(
                    low, _side, _columns, _rows, start, end, 0, _columns.First.Length,
                    words + (nint)start * bits[part / strips].Stride, StabilityMargin);
            }
        });

        var masks = new (BinaryMask, float)[logits.Count];
        for (int i = 0; i < masks.Length; i++)
        {
            long sure = 0, possible = 0;
            foreach ((long s, long p) in counts.AsSpan(i * strips, strips))
            {
                sure += s;
                possible += p;
            }

            masks[i] = (bits[i], possible == 0 ? 0f : (float)((double)sure / possible));
        }

        return masks;
    }

    /// <summary>
    /// Box and stability score of one mask, on the calling thread and without keeping its bits. A pixel is a weighted
    /// mean of logits, so only pixels with a logit above minus the margin are computed.
    /// </summary>
    /// <param name="low">Logits, <c>[side, side]</c>.</param>
    /// <param name="margin">Distance from zero of the stability score's two thresholds.</param>
    public (PixelBox Box, float Stability) Measure(float* low, float margin)
    {
        PixelBox area = Extent(low, -margin);
        int stride = (area.Width + 63) / 64, left = area.Width, right = 0, top = area.Height, bottom = 0;
        long sure = 0, possible = 0;
        ulong* words = (ulong*)Scratch.Get(Scratch.Slot.Tile, MeasuredRows * stride * (sizeof(ulong) / sizeof(float)));
        for (int start = 0; start < area.Height; start += MeasuredRows)
        {
            int count = Math.Min(MeasuredRows, area.Height - start);
            (long s, long p) = UpsampleKernel.Threshold(
                low, _side, _columns, _rows, area.Y + start, area.Y + start + count, area.X, area.Right, words, margin);
            (sure, possible) = (sure + s, possible + p);
            for (int y = 0; y < count; y++)
            {
                var row = new ReadOnlySpan<ulong>(words + (nint)y * stride, stride);
                int first = row.IndexOfAnyExcept(0ul);
                if (first < 0)
                    continue;
                int last = row.LastIndexOfAnyExcept(0ul);
                left = Math.Min(left, first * 64 + BitOperations.TrailingZeroCount(row[first]));
                right = Math.Max(right, last * 64 + 64 - BitOperations.LeadingZeroCount(row[last]));
                top = Math.Min(top, start + y);
                bottom = start + y + 1;
            }
        }

        return right == 0 ? default : (
            new PixelBox(area.X + left, area.Y + top, right - left, bottom - top), (float)((double)sure / possible));
    }

    /// <summary>The bits of one mask in the box from <see cref="Measure"/>, on the calling thread.</summary>
    public BinaryMask Crop(float* low, PixelBox box)
    {
        var bits = new BinaryMask(box.Width, box.Height);
        fixed (ulong* words = bits.Words)
            UpsampleKernel.Threshold(low, _side, _columns, _rows, box.Y, box.Bottom, box.X, box.Right, words, margin: 0);
        return bits;
    }

    /// <summary>
    /// The logit of one pixel of the picture, interpolated from <paramref name="low"/> <c>[side, side]</c>.
    /// </summary>
    public float Logit(float* low, int x, int y)
    {
        float sum = 0;
        for (int j = 0; j < UpsampleTaps.Taps; j++)
        {
            float* row = low + (nint)(_rows.First[y] + j) * _side + _columns.First[x];
            float across = 0;
            for (int i = 0; i < UpsampleTaps.Taps; i++)
                across += row[i] * _columns.Weights[x * UpsampleTaps.Taps + i];
            sum += across * _rows.Weights[y * UpsampleTaps.Taps + j];
        }

        return sum;
    }

    /// <summary>The pixels that depend on a logit above <paramref name="threshold"/>.</summary>
    private PixelBox Extent(float* low, float threshold)
    {
        (int left, int top, int right, int bottom) = (_side, _side, -1, -1);
        for (int y = 0; y < _side; y++)
        {
            var row = new ReadOnlySpan<float>(low + (nint)y * _side, _side);
            int first = 0;
            while (first < _side && !(row[first] > threshold))
                first++;
            if (first == _side)
                continue;
            int last = _side - 1;
            while (!(row[last] > threshold))
                last--;
            left = Math.Min(left, first);
            right = Math.Max(right, last);
            top = Math.Min(top, y);
            bottom = y;
        }

        if (right < 0)
            return default;
        (int x, int endX) = Reached(_columns.First, left, right);
        (int firstRow, int endRow) = Reached(_rows.First, top, bottom);
        return x < endX && firstRow < endRow ? new PixelBox(x, firstRow, endX - x, endRow - firstRow) : default;
    }

    /// <summary>
    /// The pixels that depend on one of the values <paramref name="low"/> to <paramref name="high"/>.
    /// </summary>
    private static (int Start, int End) Reached(int[] first, int low, int high)
    {
        int start = 0, end = first.Length;
        while (start < end && first[start] + UpsampleTaps.Taps - 1 < low)
            start++;
        while (end > start && first[end - 1] > high)
            end--;
        return (start, end);
    }
}
