using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// The single tensor that holds all features for the mask decoder: [B, side, side, C], or with high-resolution features
/// [B, side, side, 4 C]. Channels are the embedding, then for each of the 2x2 cells of the first upscaling (row by row)
/// C/4 values, then for each of those cells and each of its 2x2 cells of the second upscaling C/8 values.
/// </summary>
internal static class DecoderFeatures
{
    /// <summary>Cells from one cell when the resolution doubles.</summary>
    private const int Cells = 4;

    /// <summary>
    /// Joins the embedding [B, S, S, C] and the features at 1/8 [B, 2S, 2S, C/4] and 1/4 [B, 4S, 4S, C/8] of the
    /// input's resolution.
    /// </summary>
    public static Tensor Join(Tensor embedding, Tensor quarter, Tensor eighth)
    {
        int batch = embedding.Shape[0], side = embedding.Shape[1], channels = embedding.Channels, rows = embedding.Rows;
        Tensor middle = eighth.GatherRows(Order(batch, side, 1), unique: true, rows * Cells, eighth.Channels);
        Tensor fine = quarter.GatherRows(Order(batch, side, 2), unique: true, rows * Cells * Cells, quarter.Channels);
        return LayoutOps.Concatenate(
            embedding.Reshape(rows, -1, 1), middle.Reshape(rows, -1, 1), fine.Reshape(rows, -1, 1))
            .Reshape(batch, side, side, 4 * channels);
    }

    /// <summary>The embedding, [B, S, S, C].</summary>
    public static Tensor Embedding(Tensor features, int channels) => features.Channels == channels
        ? features
        : features.Reshape(features.Rows, features.Channels, 1).Slice(0, channels)
            .Reshape(features.Shape[0], features.Shape[1], features.Shape[2], channels);

    /// <summary>
    /// The features at 1/8, [B, 2S, 2S, C/4], and at 1/4 of the input's resolution, [B, 4S, 4S, C/8].
    /// </summary>
    public static (Tensor Quarter, Tensor Eighth) HighResolution(Tensor features, int channels)
    {
        int batch = features.Shape[0], side = features.Shape[1], rows = features.Rows;
        Tensor flat = features.Reshape(rows, features.Channels, 1);
        Tensor eighth = flat.Slice(channels, channels).Reshape(rows * Cells, channels / 4)
            .GatherRows(Inverse(Order(batch, side, 1)), unique: true, batch, 2 * side, 2 * side, channels / 4);
        Tensor quarter = flat.Slice(2 * channels, 2 * channels).Reshape(rows * Cells * Cells, channels / 8)
            .GatherRows(Inverse(Order(batch, side, 2)), unique: true, batch, 4 * side, 4 * side, channels / 8);
        return (quarter, eighth);
    }

    /// <summary>
    /// For each fine cell in the order of the joined tensor, its index in the map that is finer by
    /// 2^<paramref name="doublings"/>.
    /// </summary>
    private static int[] Order(int batch, int side, int doublings)
    {
        int factor = 1 << doublings, fine = side * factor, at = 0;
        int[] order = new int[batch * fine * fine];
        for (int b = 0; b < batch; b++)
            for (int y = 0; y < side; y++)
                for (int x = 0; x < side; x++)
                    for (int cell = 0; cell < factor * factor; cell++)
                    {
                        // A cell's index is that of the coarser cell times four plus its own.
                        int dy = 0, dx = 0;
                        for (int level = doublings - 1; level >= 0; level--)
                        {
                            int own = cell >> 2 * level & 3;
                            (dy, dx) = (2 * dy + (own >> 1), 2 * dx + (own & 1));
                        }

                        order[at++] = (b * fine + y * factor + dy) * fine + x * factor + dx;
                    }

        return order;
    }

    private static int[] Inverse(int[] order)
    {
        int[] inverse = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
            inverse[order[i]] = i;
        return inverse;
    }
}
