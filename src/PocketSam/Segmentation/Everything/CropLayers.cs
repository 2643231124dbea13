namespace PocketSam.Segmentation.Everything;

/// <summary>The crops of a picture (segment_anything/utils/amg.py, generate_crop_boxes).</summary>
internal static class CropLayers
{
    /// <summary>The whole picture, then the crops of each layer, column by column.</summary>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="layers">Number of layers in addition to the whole picture.</param>
    /// <param name="overlapRatio">Overlap of the first layer's crops over
    /// the picture's shorter side, 0 to 1; halved by each layer.</param>
    public static List<(PixelBox Box, int Layer)> Of(int width, int height, int layers, double overlapRatio)
    {
        List<(PixelBox, int)> crops = [(new PixelBox(0, 0, width, height), 0)];
        for (int layer = 1; layer <= layers; layer++)
        {
            int count = 1 << layer, overlap = (int)(overlapRatio * Math.Min(width, height) * (2.0 / count));
            int cropWidth = Length(width, count, overlap), cropHeight = Length(height, count, overlap);
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < count; j++)
                {
                    // In a picture with fewer pixels than crops, the last crops are empty.
                    int x = (cropWidth - overlap) * i, y = (cropHeight - overlap) * j;
                    var box = new PixelBox(x, y, Math.Min(cropWidth, width - x), Math.Min(cropHeight, height - y));
                    if (!box.IsEmpty)
                        crops.Add((box, layer));
                }
            }
        }

        return crops;
    }

    /// <summary>
    /// Length in pixels of each of <paramref name="count"/> overlapping parts that together cover the original.
    /// </summary>
    private static int Length(int original, int count, int overlap)
        => (int)Math.Ceiling((double)(overlap * (count - 1) + original) / count);
}
