namespace PocketSam.Models;

/// <summary>
/// Partition of a map of tokens into square windows: the index tables that gather tokens into windows and back. Windows
/// that cross the right or lower edge are padded with zero rows, as in the reference.
/// </summary>
internal sealed class WindowGrid
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(int, int, int, int), WindowGrid> Known = [];

    private WindowGrid(int batch, int height, int width, int window)
    {
        int rows = (height + window - 1) / window, columns = (width + window - 1) / window;
        Count = batch * rows * columns;
        ToWindows = new int[Count * window * window];
        FromWindows = new int[batch * height * width];
        int i = 0;
        for (int b = 0; b < batch; b++)
            for (int wy = 0; wy < rows; wy++)
                for (int wx = 0; wx < columns; wx++)
                    for (int y = wy * window; y < (wy + 1) * window; y++)
                        for (int x = wx * window; x < (wx + 1) * window; x++, i++)
                        {
                            bool inside = y < height && x < width;
                            int token = (b * height + y) * width + x;
                            ToWindows[i] = inside ? token : -1;
                            if (inside)
                                FromWindows[token] = i;
                        }
    }

    /// <summary>Number of windows of all pictures.</summary>
    public int Count { get; }

    /// <summary>The token at each place of each window, or -1 beyond the edge.</summary>
    public int[] ToWindows { get; }

    /// <summary>The place of each token.</summary>
    public int[] FromWindows { get; }

    /// <summary>The grid for a size; cached.</summary>
    public static WindowGrid For(int batch, int height, int width, int window)
    {
        lock (Gate)
        {
            if (!Known.TryGetValue((batch, height, width, window), out WindowGrid? grid))
            {
                if (Known.Count > 64)
                    Known.Clear();
                grid = new WindowGrid(batch, height, width, window);
                Known.Add((batch, height, width, window), grid);
            }

            return grid;
        }
    }
}
