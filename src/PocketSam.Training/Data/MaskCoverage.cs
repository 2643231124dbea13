namespace PocketSam.Training.Data;

/// <summary>Reduces masks to a coarser grid, as soft targets for a loss.</summary>
internal static class MaskCoverage
{
    /// <summary>
    /// The fraction of set pixels in each cell of <paramref name="cell"/> x <paramref name="cell"/> pixels. The first
    /// cell is at the mask's top left corner; pixels beyond the mask's border count as not set.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="gridWidth">Number of cells in a row.</param>
    /// <param name="gridHeight">Number of rows of cells.</param>
    /// <param name="cell">Side of a cell in pixels.</param>
    /// <returns><c>[gridHeight, gridWidth]</c> fractions, row by row.</returns>
    public static float[] Coverage(BinaryMask mask, int gridWidth, int gridHeight, int cell)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentOutOfRangeException.ThrowIfLessThan(gridWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(gridHeight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(cell, 1);

        float[] coverage = new float[checked(gridWidth * gridHeight)];
        int[] counts = new int[gridWidth];
        float perPixel = 1f / ((float)cell * cell);
        for (int gridY = 0; gridY < gridHeight; gridY++)
        {
            long top = (long)gridY * cell;
            if (top >= mask.Height)
                break;

            Array.Clear(counts);
            int bottom = (int)Math.Min(top + cell, mask.Height);
            for (int y = (int)top; y < bottom; y++)
                CountRow(mask.Row(y), mask.Width, counts, cell);
            for (int gridX = 0; gridX < gridWidth; gridX++)
                coverage[gridY * gridWidth + gridX] = counts[gridX] * perPixel;
        }

        return coverage;
    }

    private static void CountRow(ReadOnlySpan<ulong> row, int width, int[] counts, int cell)
    {
        if (!row.ContainsAnyExcept(0ul))
            return;

        for (int gridX = 0; gridX < counts.Length; gridX++)
        {
            long left = (long)gridX * cell;
            if (left >= width)
                break;
            counts[gridX] += MaskRow.Count(row, (int)left, (int)Math.Min(left + cell, width));
        }
    }
}
