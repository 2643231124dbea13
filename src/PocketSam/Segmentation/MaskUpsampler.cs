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
                    low, _side, _columns, _rows, start, end, words, StabilityMargin);
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
}
