namespace PocketSam.Segmentation;

/// <summary>Resamples a mask of pixels to logits, by the rule of <see cref="MaskLogits.From"/>.</summary>
internal static class MaskShrinker
{
    /// <summary>Fractions closer to 0 or 1 give logits beyond those of models.</summary>
    private const double LeastShare = 0.001;

    /// <summary>The logits, <c>[MaskSide, MaskSide]</c>.</summary>
    public static float[] Run(BinaryMask mask, ImageGeometry geometry)
    {
        int side = geometry.MaskSide;
        double right = (double)geometry.ResizedWidth / SamConfig.MaskStride;
        double bottom = (double)geometry.ResizedHeight / SamConfig.MaskStride;
        double columnScale = right / mask.Width, rowScale = bottom / mask.Height;

        // Area of the mask in each unit square; rounding must not carry it over the picture's edge.
        double[] areas = new double[side * side], row = new double[side];
        for (int y = 0; y < mask.Height; y++)
        {
            int start = mask.NextSet(y, 0);
            if (start == mask.Width)
                continue;
            Array.Clear(row);
            while (start < mask.Width)
            {
                int end = mask.NextClear(y, start);
                AddSpan(start * columnScale, Math.Min(end * columnScale, right), row);
                start = mask.NextSet(y, end);
            }

            double top = y * rowScale, low = Math.Min((y + 1) * rowScale, bottom);
            for (int i = (int)top; i < low; i++)
            {
                double height = Math.Min(i + 1, low) - Math.Max(i, top);
                for (int j = 0; j < side; j++)
                    areas[i * side + j] += height * row[j];
            }
        }

        float[] logits = new float[areas.Length];
        for (int i = 0; i < logits.Length; i++)
        {
            double picture = Math.Min(1, right - i % side) * Math.Min(1, bottom - i / side);
            logits[i] = ToLogit(areas[i] > 0 ? areas[i] / picture : 0);
        }

        return logits;
    }

    /// <summary>Adds to each value the length of the span in its unit interval.</summary>
    private static void AddSpan(double start, double end, double[] row)
    {
        for (int j = (int)start; j < end; j++)
            row[j] += Math.Min(j + 1, end) - Math.Max(j, start);
    }

    private static float ToLogit(double share)
    {
        share = Math.Clamp(share, LeastShare, 1 - LeastShare);
        return (float)Math.Log(share / (1 - share));
    }
}
