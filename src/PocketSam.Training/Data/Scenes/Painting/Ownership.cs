namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>
/// Records which part each pixel belongs to, and makes the masks. Parts claim the pixels whose centres they contain,
/// front to back.
/// </summary>
internal sealed class Ownership(int width, int height)
{
    private readonly int[] _owners = new int[width * height];
    private readonly int[] _lastThing = new int[width * height];
    private readonly List<Claimant> _parts = [];
    private int _things;

    /// <summary>Starts a new thing: the following parts belong to it.</summary>
    public void NextThing() => _things++;

    /// <summary>Starts a new part: the following claims belong to it.</summary>
    public void NextPart() => _parts.Add(new Claimant(_things));

    /// <summary>Claims the pixels of a row, starting at (x, y), where <paramref name="inside"/> is not 0.</summary>
    public void Claim(int x, int y, ReadOnlySpan<byte> inside)
    {
        Span<int> owners = _owners.AsSpan(y * width + x, inside.Length);
        Span<int> lastThing = _lastThing.AsSpan(y * width + x, inside.Length);
        Claimant part = _parts[^1];
        for (int i = 0; i < inside.Length; i++)
        {
            // Parts of the same thing in front of this one do not count as hiding it.
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

    /// <summary>The masks of the things; each comes before the masks of its parts, if these are wanted.</summary>
    /// <param name="minArea">Least number of pixels of a mask.</param>
    /// <param name="minVisibleFraction">Least visible fraction of a thing or part.</param>
    /// <param name="partMasks">Whether to return masks of parts too.</param>
    public List<BinaryMask> Masks(int minArea, float minVisibleFraction, bool partMasks)
    {
        List<BinaryMask> masks = [];
        foreach (Claimant[] parts in _parts.GroupBy(part => part.Thing).Select(group => group.ToArray()))
        {
            int visible = parts.Sum(part => part.Visible);
            if (!IsWorthy(visible, parts.Sum(part => part.Total)))
                continue;
            masks.Add(MaskOf(parts));

            // A part with as many visible pixels as the whole would have the same mask.
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
