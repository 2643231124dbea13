namespace PocketSam.Datasets;

/// <summary>Run lengths of a mask along its rows, each row going on in the next.</summary>
internal static class RowRuns
{
    /// <summary>Numbers of pixels outside and inside in turn, beginning with those outside (0 where there are none).</summary>
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
