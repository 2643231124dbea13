namespace PocketSam.Training.Evaluation.Edges;

/// <summary>
/// Thins lines to a width of one pixel by the parallel algorithm A1 of Guo and Hall ("Parallel Thinning with
/// Two-Subiteration Algorithms", 1989), as MATLAB's <c>bwmorph(..., 'thin', Inf)</c> does.
/// </summary>
internal static class Thinning
{
    // Neighbours, counter-clockwise from the right one.
    private static readonly (int X, int Y)[] Neighbours =
        [(1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)];

    /// <summary>
    /// Whether the pixel is removed, for each of 256 neighbourhoods, in the first and in the second pass.
    /// </summary>
    private static readonly bool[][] Removed = [MakeTable(0), MakeTable(1)];

    /// <summary>Thins until nothing changes. Each pass but the last two removes a pixel, so the loop ends.</summary>
    public static BinaryMask Thin(BinaryMask lines)
    {
        BinaryMask thin = lines.Clone();
        List<(int X, int Y)> set = [];
        for (int y = 0; y < thin.Height; y++)
        {
            for (int x = thin.NextSet(y, 0); x < thin.Width; x = thin.NextSet(y, x + 1))
                set.Add((x, y));
        }

        List<(int X, int Y)> gone = [];
        int still = 0;
        for (int pass = 0; still < 2; pass ^= 1)
        {
            gone.Clear();
            foreach ((int x, int y) in set)
            {
                if (Removed[pass][Neighbourhood(thin, x, y)])
                    gone.Add((x, y));
            }

            foreach ((int x, int y) in gone)
                thin[x, y] = false;
            still = gone.Count == 0 ? still + 1 : 0;
            if (gone.Count > 0)
                set.RemoveAll(pixel => !thin[pixel.X, pixel.Y]);
        }

        return thin;
    }

    private static int Neighbourhood(BinaryMask mask, int x, int y)
    {
        int bits = 0;
        for (int i = 0; i < Neighbours.Length; i++)
        {
            (int nx, int ny) = (x + Neighbours[i].X, y + Neighbours[i].Y);
            if ((uint)nx < (uint)mask.Width && (uint)ny < (uint)mask.Height && mask[nx, ny])
                bits |= 1 << i;
        }

        return bits;
    }

    private static bool[] MakeTable(int pass) => [.. Enumerable.Range(0, 256).Select(bits => IsRemoved(bits, pass))];

    private static bool IsRemoved(int bits, int pass)
    {
        int crossings = 0, first = 0, second = 0;
        for (int i = 1; i <= 4; i++)
        {
            crossings += !X(2 * i - 1) && (X(2 * i) || X(2 * i + 1)) ? 1 : 0;
            first += X(2 * i - 1) || X(2 * i) ? 1 : 0;
            second += X(2 * i) || X(2 * i + 1) ? 1 : 0;
        }

        bool isFree = pass == 0 ? !((X(2) || X(3) || !X(8)) && X(1)) : !((X(6) || X(7) || !X(4)) && X(5));
        return crossings == 1 && Math.Min(first, second) is (2 or 3) && isFree;

        // The paper's x1 to x8; x9 is x1.
        bool X(int i) => (bits >> ((i - 1) & 7) & 1) != 0;
    }
}
