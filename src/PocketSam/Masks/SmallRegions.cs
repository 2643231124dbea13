namespace PocketSam.Masks;

/// <summary>
/// Fills small holes and drops small islands of a mask (segment_anything/utils/amg.py, remove_small_regions). Pixels
/// that touch at a corner are connected.
/// </summary>
internal static class SmallRegions
{
    /// <summary>The area in pixels of a fraction of a mask's area, rounded up.</summary>
    public static long MinArea(double share, int area) => (long)Math.Ceiling(share * area);

    /// <summary>
    /// Fills holes of fewer than <paramref name="minArea"/> pixels, then drops
    /// smaller islands. If all islands are small, the largest stays; among equals
    /// the topmost. The time is that of the mask's runs. Null if nothing changes.
    /// </summary>
    public static Rle? Remove(Rle mask, long minArea)
    {
        if (minArea <= 1)
            return null;
        List<Run> set = Runs(mask, set: true), holes = Small(Runs(mask, set: false), minArea, holes: true);
        if (holes.Count > 0)
        {
            mask = Encode(mask, [.. set.Concat(holes).OrderBy(run => run.Column).ThenBy(run => run.Start)]);
            set = Runs(mask, set: true);
        }

        HashSet<Run> islands = [.. Small(set, minArea, holes: false)];
        if (islands.Count > 0)
            return Encode(mask, [.. set.Where(run => !islands.Contains(run))]);
        return holes.Count > 0 ? mask : null;
    }

    /// <summary>The runs of regions that are too small; the largest island is never among them.</summary>
    private static List<Run> Small(List<Run> runs, long minArea, bool holes)
    {
        int[] parents = Connect(runs);
        var areas = new Dictionary<int, long>();
        for (int i = 0; i < runs.Count; i++)
        {
            int root = Root(parents, i);
            areas[root] = areas.GetValueOrDefault(root) + runs[i].End - runs[i].Start;
        }

        HashSet<int> small = [.. areas.Where(area => area.Value < minArea).Select(area => area.Key)];
        if (!holes && small.Count > 0 && small.Count == areas.Count)
            small.Remove(Largest(runs, parents, areas));
        return small.Count == 0 ? [] : [.. runs.Where((_, i) => small.Contains(Root(parents, i)))];
    }

    private static int Largest(List<Run> runs, int[] parents, Dictionary<int, long> areas)
    {
        long most = areas.Values.Max();
        return runs.Select((run, i) => (Root: Root(parents, i), run.Start, run.Column)).Where(run => areas[run.Root] == most)
            .MinBy(run => (run.Start, run.Column)).Root;
    }

    /// <summary>The vertical runs of set or unset pixels, from the left.</summary>
    private static List<Run> Runs(Rle mask, bool set)
    {
        List<Run> runs = [];
        int position = 0;
        for (int i = 0; i < mask.Counts.Length; i++)
        {
            for (int start = position, end = position + mask.Counts[i]; (i & 1) != 0 == set && start < end;)
            {
                (int x, int y) = Math.DivRem(start, mask.Height);
                int stop = Math.Min(mask.Height, y + (end - start));

                // Empty runs may split a run.
                if (runs.Count > 0 && runs[^1].Column == x && runs[^1].End == y)
                    runs[^1] = runs[^1] with { End = stop };
                else
                    runs.Add(new Run(x, y, stop));
                start += stop - y;
            }

            position += mask.Counts[i];
        }

        return runs;
    }

    /// <summary>A mask of the size of <paramref name="size"/> from vertical runs in order.</summary>
    private static Rle Encode(Rle size, List<Run> runs)
    {
        List<int> counts = [];
        int end = 0;
        foreach (Run run in runs)
        {
            int start = run.Column * size.Height + run.Start, length = run.End - run.Start;
            if (counts.Count > 0 && start == end)
            {
                counts[^1] += length;
            }
            else
            {
                counts.Add(start - end);
                counts.Add(length);
            }

            end = start + length;
        }

        if (counts.Count == 0 || end < size.Width * size.Height)
            counts.Add(size.Width * size.Height - end);
        return Rle.FromCounts([.. counts], size.Height, size.Width);
    }

    /// <summary>A union-find forest: runs of one region have the same root.</summary>
    private static int[] Connect(List<Run> runs)
    {
        int[] parents = new int[runs.Count];
        int before = 0;
        for (int i = 0; i < runs.Count; i++)
        {
            parents[i] = i;
            Run run = runs[i];
            while (runs[before].Column < run.Column - 1 || (runs[before].Column == run.Column - 1 && runs[before].End < run.Start))
                before++;
            for (int j = before; j < i && runs[j].Column == run.Column - 1 && runs[j].Start <= run.End; j++)
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

    /// <summary>
    /// Pixels of a column from <paramref name="Start"/> (inclusive) to <paramref name="End"/> (exclusive).
    /// </summary>
    private readonly record struct Run(int Column, int Start, int End);
}
