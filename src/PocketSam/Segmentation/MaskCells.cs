namespace PocketSam.Segmentation;

/// <summary>
/// The number of a mask's pixels at each place of an embedding, and the same for a ring around it: its box, extended on
/// each side by a quarter or by a 32nd of the picture's longest side, whichever is more, without the mask.
/// </summary>
internal sealed class MaskCells
{
    private const int LeastMargin = 32;

    /// <param name="mask">A mask of the picture's size; may be empty.</param>
    /// <param name="geometry">The place of the picture in the input.</param>
    public MaskCells(Rle mask, ImageGeometry geometry)
    {
        Side = geometry.InputSize / SamConfig.EmbeddingStride;
        Mask = new float[Side * Side];
        Ring = new float[Side * Side];
        Box = mask.Bounds;
        Area = mask.Area;
        if (Area == 0)
            return;
        int[] columns = Edges(geometry.Width, geometry.ResizedWidth), rows = Edges(geometry.Height, geometry.ResizedHeight);
        int[] columnOf = CellOf(columns, geometry.Width), rowOf = CellOf(rows, geometry.Height);
        BinaryMask bits = mask.Crop(Box);
        for (int y = 0; y < bits.Height; y++)
        {
            int row = rowOf[Box.Y + y] * Side;
            for (int x = bits.NextSet(y, 0); x < bits.Width;)
            {
                int end = bits.NextClear(y, x);
                while (x < end)
                {
                    int column = columnOf[Box.X + x], until = Math.Min(end, columns[column + 1] - Box.X);
                    Mask[row + column] += until - x;
                    x = until;
                }

                x = bits.NextSet(y, end);
            }
        }

        int least = Math.Max(1, Math.Max(geometry.Width, geometry.Height) / LeastMargin);
        int across = Math.Max(Box.Width / 4, least), down = Math.Max(Box.Height / 4, least);
        int left = Math.Max(0, Box.X - across), right = Math.Min(geometry.Width, Box.Right + across);
        int top = Math.Max(0, Box.Y - down), bottom = Math.Min(geometry.Height, Box.Bottom + down);
        for (int r = rowOf[top]; r <= rowOf[bottom - 1]; r++)
        {
            float height = Math.Min(bottom, rows[r + 1]) - Math.Max(top, rows[r]);
            for (int c = columnOf[left]; c <= columnOf[right - 1]; c++)
            {
                float width = Math.Min(right, columns[c + 1]) - Math.Max(left, columns[c]);
                Ring[r * Side + c] = MathF.Max(0, height * width - Mask[r * Side + c]);
            }
        }
    }

    /// <summary>Rows and columns of the embedding.</summary>
    public int Side { get; }

    /// <summary>Pixels of the mask at each place, <c>[Side, Side]</c>.</summary>
    public float[] Mask { get; }

    /// <summary>Pixels of the ring at each place, <c>[Side, Side]</c>; all zero if the mask fills it.</summary>
    public float[] Ring { get; }

    /// <summary>The mask's box in pixels.</summary>
    public PixelBox Box { get; }

    /// <summary>Number of pixels in the mask.</summary>
    public int Area { get; }

    /// <summary>Writes the <see cref="WordVocabulary.ShapeFeatures"/> shape features.</summary>
    public void Describe(ImageGeometry geometry, Span<float> shape)
    {
        shape[0] = MathF.Log(Area / ((float)geometry.Width * geometry.Height) + 1e-4f);
        shape[1] = MathF.Log((Box.Width + 1f) / (Box.Height + 1f));
        shape[2] = Area / MathF.Max(1, (float)Box.Width * Box.Height);
    }

    /// <summary>Pixels of the whole picture at each place, <c>[Side, Side]</c>.</summary>
    public static float[] OfPicture(ImageGeometry geometry)
    {
        int side = geometry.InputSize / SamConfig.EmbeddingStride;
        float[] pixels = new float[side * side];
        int[] columns = EdgesOf(geometry.Width, geometry.ResizedWidth, side), rows = EdgesOf(geometry.Height, geometry.ResizedHeight, side);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (float)(rows[i / side + 1] - rows[i / side]) * (columns[i % side + 1] - columns[i % side]);
        return pixels;
    }

    private int[] Edges(int pixels, int resized) => EdgesOf(pixels, resized, Side);

    /// <summary>
    /// The first pixel of each place along an axis, followed by the
    /// number of pixels; a pixel belongs to the place of its centre.
    /// </summary>
    private static int[] EdgesOf(int pixels, int resized, int side)
    {
        double perCell = (double)SamConfig.EmbeddingStride * pixels / resized;
        int[] edges = new int[side + 1];
        for (int i = 0; i <= side; i++)
            edges[i] = Math.Clamp((int)Math.Ceiling(i * perCell - 0.5), 0, pixels);
        edges[side] = pixels;
        return edges;
    }

    private static int[] CellOf(int[] edges, int pixels)
    {
        int[] cells = new int[pixels];
        for (int cell = 0; cell + 1 < edges.Length; cell++)
            cells.AsSpan(edges[cell], edges[cell + 1] - edges[cell]).Fill(cell);
        return cells;
    }
}
