namespace PocketSam.Datasets;

/// <summary>Run lengths of a mask in row-major order; runs continue across rows.</summary>
internal static class RowRuns
{
    /// <summary>Counts of pixels outside and inside in turn; the first is the count outside, which may be 0.</summary>
    public static IEnumerable<int> Of(BinaryMask mask)
    {
        int run = 0;
        bool isInside = false;
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0, end; x < mask.Width; x = end)
            {
                end = mask[x, y] ? mask.NextClear(y, x) : mask.NextSet(y, x);
                if (mask[x, y] != isInside)
                {
                    yield return run;
                    run = 0;
                    isInside = !isInside;
                }

                run += end - x;
            }
        }

        yield return run;
    }
}
