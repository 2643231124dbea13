using System.Runtime.InteropServices;

namespace PocketSam.Masks.Formats;

/// <summary>
/// Joins rings into one, for formats with a single ring. A straight bridge leads from the nearest corner so far to each
/// further ring, goes around it and returns the same way. Since a bridge is walked both ways it has no interior, and by
/// the even-odd rule the joined ring encloses what the rings enclose together.
/// </summary>
/// <remarks>
/// The corners so far are in blocks, and these in groups, each with its bounding box. Boxes that are farther from a
/// ring than the nearest corner so far are skipped, so that many rings take little more than the time of their corners.
/// </remarks>
internal sealed class RingBridge
{
    private const int MaxBlock = 128;
    private const int MaxGroup = 128;

    private readonly List<Group> _groups = [];

    // The place of the last insertion; the next one is often near.
    private int _lastGroup;
    private int _lastBlock;

    public static IReadOnlyList<PixelCorner> Join(IEnumerable<IReadOnlyList<PixelCorner>> rings)
    {
        var bridge = new RingBridge();
        foreach (IReadOnlyList<PixelCorner> ring in rings)
            bridge.Add(ring);
        return [.. bridge._groups.SelectMany(group => group.Blocks).SelectMany(block => block.Corners)];
    }

    private void Add(IReadOnlyList<PixelCorner> ring)
    {
        if (_groups.Count == 0)
        {
            _groups.Add(new Group([new Block([])]));
            Insert(0, 0, 0, [.. ring]);
            return;
        }

        (int groupAt, int blockAt, int at, int entry) = Nearest(ring);
        List<PixelCorner> detour = new(ring.Count + 2);
        for (int i = 0; i <= ring.Count; i++)
            detour.Add(ring[(entry + i) % ring.Count]);
        detour.Add(_groups[groupAt].Blocks[blockAt].Corners[at]);
        Insert(groupAt, blockAt, at + 1, detour);
    }

    private (int Group, int Block, int At, int Entry) Nearest(IReadOnlyList<PixelCorner> ring)
    {
        var ringBox = Box.Around(ring);
        (int, int, int, int) best = default;

        // An upper bound from the last block; the search still finds the first of equals in order.
        List<Block> near = _groups[_lastGroup].Blocks;
        long least = long.MaxValue;
        foreach (PixelCorner corner in near[Math.Min(_lastBlock, near.Count - 1)].Corners)
        {
            for (int j = 0; j < ring.Count; j++)
                least = Math.Min(least, SquaredDistance(corner, ring[j]) + 1);
        }

        for (int g = 0; g < _groups.Count; g++)
        {
            if (_groups[g].Box.SquaredDistance(ringBox) >= least)
                continue;
            List<Block> blocks = _groups[g].Blocks;
            for (int b = 0; b < blocks.Count; b++)
            {
                if (blocks[b].Box.SquaredDistance(ringBox) >= least)
                    continue;
                ReadOnlySpan<PixelCorner> corners = CollectionsMarshal.AsSpan(blocks[b].Corners);
                for (int i = 0; i < corners.Length; i++)
                {
                    // Most corners are farther from the box of the ring than the best so far is from the ring.
                    PixelCorner corner = corners[i];
                    if (ringBox.SquaredDistance(new Box(corner.X, corner.Y, corner.X, corner.Y)) >= least)
                        continue;
                    for (int j = 0; j < ring.Count; j++)
                    {
                        long square = SquaredDistance(corner, ring[j]);
                        if (square < least)
                            (best, least) = ((g, b, i, j), square);
                    }
                }
            }
        }

        return best;
    }

    private static long SquaredDistance(PixelCorner a, PixelCorner b)
    {
        long dx = a.X - b.X, dy = a.Y - b.Y;
        return dx * dx + dy * dy;
    }

    /// <summary>Inserts corners into a block, and splits block and group if they are too long.</summary>
    private void Insert(int groupAt, int blockAt, int at, List<PixelCorner> corners)
    {
        (_lastGroup, _lastBlock) = (groupAt, blockAt);
        Group group = _groups[groupAt];
        Block block = group.Blocks[blockAt];
        var box = Box.Around(corners);
        block.Corners.InsertRange(at, corners);
        block.Box = Box.Union(block.Box, box);
        group.Box = Box.Union(group.Box, box);
        if (block.Corners.Count <= MaxBlock)
            return;
        group.Blocks.RemoveAt(blockAt);
        group.Blocks.InsertRange(blockAt, block.Corners.Chunk(MaxBlock / 2).Select(chunk => new Block([.. chunk])));
        if (group.Blocks.Count <= MaxGroup)
            return;
        _groups.RemoveAt(groupAt);
        _groups.InsertRange(groupAt, group.Blocks.Chunk(MaxGroup / 2).Select(chunk => new Group([.. chunk])));
    }

    /// <summary>Consecutive corners.</summary>
    private sealed class Block(List<PixelCorner> corners)
    {
        public List<PixelCorner> Corners { get; } = corners;

        /// <summary>The bounding box of the corners.</summary>
        public Box Box { get; set; } = Box.Around(corners);
    }

    /// <summary>Consecutive blocks.</summary>
    private sealed class Group(List<Block> blocks)
    {
        public List<Block> Blocks { get; } = blocks;

        /// <summary>The bounding box of the blocks.</summary>
        public Box Box { get; set; } = blocks.Select(block => block.Box).Aggregate(Box.Nothing, Box.Union);
    }

    private readonly record struct Box(int Left, int Top, int Right, int Bottom)
    {
        public static Box Nothing { get; } = new(int.MaxValue, int.MaxValue, int.MinValue, int.MinValue);

        public static Box Around(IReadOnlyList<PixelCorner> corners)
        {
            Box box = Nothing;
            for (int i = 0; i < corners.Count; i++)
                box = Union(box, new Box(corners[i].X, corners[i].Y, corners[i].X, corners[i].Y));
            return box;
        }

        public static Box Union(Box a, Box b) => new(
            Math.Min(a.Left, b.Left), Math.Min(a.Top, b.Top), Math.Max(a.Right, b.Right), Math.Max(a.Bottom, b.Bottom));

        /// <summary>Squared distance between the nearest points of two boxes.</summary>
        public long SquaredDistance(Box other)
        {
            long dx = Math.Max(0L, Math.Max((long)Left - other.Right, (long)other.Left - Right));
            long dy = Math.Max(0L, Math.Max((long)Top - other.Bottom, (long)other.Top - Bottom));
            return dx * dx + dy * dy;
        }
    }
}
