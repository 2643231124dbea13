using PocketSam.Kernels;

namespace PocketSam.Segmentation;

/// <summary>
/// Takes mask logits to the size of their picture (segment_anything/modeling/sam.py, postprocess_masks) and measures
/// them there.
/// </summary>
internal sealed unsafe class MaskUpsampler
{
    /// <summary>Distance from zero of the stability score's two thresholds (SAM's automatic mask generator).</summary>
    private const float StabilityMargin = 1f;

    /// <summary>Rows of a picture that are one part of the work.</summary>
    private const int StripRows = 128;

    private readonly UpsampleTaps _columns;
    private readonly UpsampleTaps _rows;
    private readonly int _side;

    public MaskUpsampler(ImageGeometry geometry)
    {
        _side = geometry.MaskSide;
        _columns = new UpsampleTaps(_side, geometry.InputSize, geometry.ResizedWidth, geometry.Width);
        _rows = new UpsampleTaps(_side, geometry.InputSize, geometry.ResizedHeight, geometry.Height);
    }

    /// <summary>Each mask at the picture's size, and its stability score.</summary>
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
    /// One mask where it can be set at all, on the calling thread: a pixel is a weighted mean of logits, so it is neither
    /// set nor counted where they are all below minus the margin.
    /// </summary>
    /// <param name="low">Logits, <c>[side, side]</c>.</param>
    /// <param name="margin">Distance from zero of the stability score's two thresholds.</param>
    public MaskPatch Patch(float* low, float margin)
    {
        if (!FindExtent(low, -margin, out int left, out int top, out int right, out int bottom))
            return default;
        (int x, int endX) = Reached(_columns.First, left, right);
        (int y, int endY) = Reached(_rows.First, top, bottom);
        if (x >= endX || y >= endY)
            return default;
        var bits = new BinaryMask(endX - x, endY - y);
        fixed (ulong* words = bits.Words)
        {
            (long sure, long possible) = UpsampleKernel.Threshold(low, _side, _columns, _rows, y, endY, x, endX, words, margin);
            return new MaskPatch(
                bits, new PixelBox(x, y, bits.Width, bits.Height), possible == 0 ? 0f : (float)((double)sure / possible));
        }
    }

    /// <summary>The logit of one pixel of the picture.</summary>
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

    /// <summary>First and last row and column with a logit above <paramref name="threshold"/>.</summary>
    private bool FindExtent(float* low, float threshold, out int left, out int top, out int right, out int bottom)
    {
        (left, top, right, bottom) = (_side, _side, -1, -1);
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

        return right >= 0;
    }

    /// <summary>The pixels made of any of the values <paramref name="low"/> to <paramref name="high"/>.</summary>
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
