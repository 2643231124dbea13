namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>
/// Which part each pixel belongs to, and from that the masks. Parts claim the pixels whose centre they contain, the
/// frontmost first.
/// </summary>
internal sealed class Ownership(int width, int height)
{
    private readonly int[] _owners = new int[width * height];
    private readonly int[] _lastThing = new int[width * height];
    private readonly List<Claimant> _parts = [];
    private int _things;

    /// <summary>The parts claimed for next belong to a new thing.</summary>
    public void NextThing() => _things++;

    /// <summary>The pixels claimed next go to a new part.</summary>
    public void NextPart() => _parts.Add(new Claimant(_things));

    /// <summary>Claims the pixels of a row from (x, y) on where <paramref name="inside"/> is not 0.</summary>
    public void Claim(int x, int y, ReadOnlySpan<byte> inside)
    {
        Span<int> owners = _owners.AsSpan(y * width + x, inside.Length);
        Span<int> lastThing = _lastThing.AsSpan(y * width + x, inside.Length);
        Claimant part = _parts[^1];
        for (int i = 0; i < inside.Length; i++)
        {
            // What the same thing has in front of the part does not count as hiding it.
            if (inside[i] == 0 || lastThing[i] == _things)
                continue;

            lastThing[i] = _things;
            part.Total++;
            if (owners[i] == 0)
            {
                owners[i] = _parts.Count;
                part.Visible++;
            }
        }
    }

    /// <summary>The masks of the things, each before those of its parts if these are wanted too.</summary>
    /// <param name="minArea">Fewest pixels of a mask.</param>
    /// <param name="minVisibleFraction">Smallest fraction of a thing or part that others leave visible.</param>
    /// <param name="partMasks">Whether parts have masks of their own.</param>
    public List<BinaryMask> Masks(int minArea, float minVisibleFraction, bool partMasks)
    {
        List<BinaryMask> masks = [];
        foreach (Claimant[] parts in _parts.GroupBy(part => part.Thing).Select(group => group.ToArray()))
        {
            int visible = parts.Sum(part => part.Visible);
            if (!IsWorthy(visible, parts.Sum(part => part.Total)))
                continue;
            masks.Add(MaskOf(parts));

            // A part that shows as much as the whole is the whole.
            foreach (Claimant part in parts.Where(p => partMasks && p.Visible < visible && IsWorthy(p.Visible, p.Total)))
                masks.Add(MaskOf([part]));
        }

        for (int i = 0; i < _owners.Length; i++)
        {
            if (_owners[i] == 0)
                continue;
            foreach (BinaryMask mask in _parts[_owners[i] - 1].Masks)
                mask[i % width, i / width] = true;
        }

        return masks;

        bool IsWorthy(int visible, int total) => visible >= minArea && visible >= minVisibleFraction * total;

        BinaryMask MaskOf(Claimant[] parts)
        {
            var mask = new BinaryMask(width, height);
            foreach (Claimant part in parts)
                part.Masks.Add(mask);
            return mask;
        }
    }

    private sealed class Claimant(int thing)
    {
        public int Thing => thing;

        public List<BinaryMask> Masks { get; } = [];

        public int Total { get; set; }

        public int Visible { get; set; }
    }
}
