namespace PocketSam.Masks;

/// <summary>
/// Fills small holes and drops small islands of a mask (segment_anything/utils/amg.py, remove_small_regions). Pixels that
/// touch at a corner are connected.
/// </summary>
internal static class SmallRegions
{
    /// <summary>
    /// Holes of fewer than <paramref name="minArea"/> pixels are filled, then islands of fewer are dropped; if all islands
    /// are small the largest stays. Returns whether anything changed.
    /// </summary>
    public static bool Remove(BinaryMask mask, int minArea)
    {
        bool filled = Change(mask, minArea, holes: true), dropped = Change(mask, minArea, holes: false);
        return filled || dropped;
    }

    private static bool Change(BinaryMask mask, int minArea, bool holes)
    {
        List<Run> runs = Runs(mask, set: !holes);
        int[] parents = Connect(runs);
        var areas = new Dictionary<int, int>();
        for (int i = 0; i < runs.Count; i++)
        {
            int root = Root(parents, i);
            areas[root] = areas.GetValueOrDefault(root) + runs[i].End - runs[i].Start;
        }

        HashSet<int> small = [.. areas.Where(area => area.Value < minArea).Select(area => area.Key)];
        if (small.Count == 0)
            return false;
        if (!holes && small.Count == areas.Count)
        {
            small.Remove(areas.MaxBy(area => area.Value).Key);
            if (small.Count == 0)
                return false;
        }

        for (int i = 0; i < runs.Count; i++)
        {
            if (!small.Contains(Root(parents, i)))
                continue;
            for (int x = runs[i].Start; x < runs[i].End; x++)
                mask[x, runs[i].Y] = holes;
        }

        return true;
    }

    /// <summary>The stretches of rows that are set, or not set, from the top.</summary>
    private static List<Run> Runs(BinaryMask mask, bool set)
    {
        List<Run> runs = [];
        for (int y = 0; y < mask.Height; y++)
        {
            for (int start = Next(y, 0, set); start < mask.Width;)
            {
                int end = Next(y, start, !set);
                runs.Add(new Run(y, start, end));
                start = Next(y, end, set);
            }
        }

        return runs;

        int Next(int y, int x, bool wanted) => x >= mask.Width ? mask.Width : wanted ? mask.NextSet(y, x) : mask.NextClear(y, x);
    }

    /// <summary>A forest: runs of one region have the same root.</summary>
    private static int[] Connect(List<Run> runs)
    {
        int[] parents = new int[runs.Count];
        int above = 0;
        for (int i = 0; i < runs.Count; i++)
        {
            parents[i] = i;
            Run run = runs[i];
            while (runs[above].Y < run.Y - 1 || (runs[above].Y == run.Y - 1 && runs[above].End < run.Start))
                above++;
            for (int j = above; j < i && runs[j].Y == run.Y - 1 && runs[j].Start <= run.End; j++)
                parents[Root(parents, j)] = Root(parents, i);
        }

        return parents;
    }

    private static int Root(int[] parents, int i)
    {
        while (parents[i] != i)
            i = parents[i] = parents[parents[i]];
        return i;
    }

    /// <summary>Pixels of a row from <paramref name="Start"/> to before <paramref name="End"/>.</summary>
    private readonly record struct Run(int Y, int Start, int End);
}
