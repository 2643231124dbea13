namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>
/// Which part each pixel belongs to, and from that the masks. Parts claim the pixels whose centre they contain, the
/// frontmost first. Reused; one to a thread.
/// </summary>
internal sealed class Ownership(int width, int height)
{
    private readonly int[] _owners = new int[width * height];
    private readonly int[] _lastThing = new int[width * height];
    private readonly List<Claimant> _parts = [];
    private int _things;

    public void Clear()
    {
        Array.Clear(_owners);
        Array.Clear(_lastThing);
        _parts.Clear();
        _things = 0;
    }

    /// <summary>The parts claimed for next belong to a new thing.</summary>
    public void NextThing() => _things++;

    /// <summary>The pixels claimed next go to a new part.</summary>
    public void NextPart(int group) => _parts.Add(new Claimant(_things, group));

    /// <summary>Claims the pixels of a row from (x, y) on where <paramref name="inside"/> is not 0.</summary>
    public void Claim(int x, int y, ReadOnlySpan<byte> inside)
    {
        Span<int> owners = _owners.AsSpan(y * width + x, inside.Length);
        Span<int> lastThing = _lastThing.AsSpan(y * width + x, inside.Length);
        Claimant part = _parts[^1];
        int number = _parts.Count;
        int total = 0, visible = 0;
        for (int i = 0; i < inside.Length; i++)
        {
            // What the same thing has in front of the part does not count as hiding it.
            if (inside[i] == 0 || lastThing[i] == _things)
                continue;

            lastThing[i] = _things;
            total++;
            if (owners[i] == 0)
            {
                owners[i] = number;
                visible++;
            }
        }

        part.Total += total;
        part.Visible += visible;
    }

    /// <summary>Masks of the things and, if wanted, of groups of parts and of parts.</summary>
    public List<BinaryMask> Masks(int minArea, float minVisibleFraction, bool partMasks)
    {
        List<BinaryMask> masks = [];
        int start = 0;
        while (start < _parts.Count)
        {
            int end = start + 1;
            while (end < _parts.Count && _parts[end].Thing == _parts[start].Thing)
                end++;
            AddThing(start, end, minArea, minVisibleFraction, partMasks, masks);
            start = end;
        }

        FillMasks();
        return masks;
    }

    private void AddThing(
        int start, int end, int minArea, float minVisibleFraction, bool partMasks, List<BinaryMask> masks)
    {
        List<Claimant> parts = _parts.GetRange(start, end - start);
        int whole = parts.Sum(part => part.Visible);
        if (!Worthy(parts, minArea, minVisibleFraction))
            return;

        masks.Add(Share(parts));
        if (!partMasks || parts.Count == 1)
            return;

        // A subset that shows as much as the whole is the whole.
        foreach (IGrouping<int, Claimant> group in parts.Where(part => part.Group > 0).GroupBy(part => part.Group))
        {
            List<Claimant> members = [.. group];
            if (members.Count > 1 && members.Sum(part => part.Visible) < whole
                && Worthy(members, minArea, minVisibleFraction))
            {
                masks.Add(Share(members));
            }
        }

        foreach (Claimant part in parts)
        {
            if (part.Visible < whole && Worthy([part], minArea, minVisibleFraction))
                masks.Add(Share([part]));
        }
    }

    private static bool Worthy(List<Claimant> parts, int minArea, float minVisibleFraction)
    {
        int visible = parts.Sum(part => part.Visible);
        return visible >= minArea && visible >= minVisibleFraction * parts.Sum(part => part.Total);
    }

    private BinaryMask Share(List<Claimant> parts)
    {
        BinaryMask mask = new(width, height);
        foreach (Claimant part in parts)
            part.Masks.Add(mask);
        return mask;
    }

    /// <summary>Writes every run of pixels of one part into the masks that contain the part.</summary>
    private void FillMasks()
    {
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<int> owners = _owners.AsSpan(y * width, width);
            int x = 0;
            while (x < width)
            {
                int owner = owners[x];
                int rest = owners[x..].IndexOfAnyExcept(owner);
                int end = rest < 0 ? width : x + rest;
                if (owner > 0)
                {
                    foreach (BinaryMask mask in _parts[owner - 1].Masks)
                        MaskRow.Fill(mask.Row(y), x, end);
                }

                x = end;
            }
        }
    }

    private sealed class Claimant(int thing, int group)
    {
        public int Thing => thing;

        public int Group => group;

        public List<BinaryMask> Masks { get; } = [];

        public int Total { get; set; }

        public int Visible { get; set; }
    }
}
