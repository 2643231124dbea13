namespace PocketSam.Training.Evaluation.Edges;

/// <summary>
/// Matches boundary pixels of two maps one to one within a distance: a maximum matching of the bipartite graph
/// (Hopcroft and Karp, 1973). Near pixels are tried first.
/// </summary>
/// <remarks>
/// BSDS's benchmark solves an assignment problem in which an unmatched pixel costs a hundred times the largest
/// distance, on a graph with random edges for unmatched pixels. This finds the number of pairs of that assignment
/// without randomness. The time is at most proportional to the number of edges times the square root of the number of
/// pixels.
/// </remarks>
internal static class BoundaryMatching
{
    private const int None = -1;

    /// <summary>The index of each pixel's partner in the second map; -1 for none.</summary>
    /// <param name="first">Boundary pixels of the first map.</param>
    /// <param name="second">Boundary pixels of the second map.</param>
    /// <param name="width">Width of both maps, in pixels.</param>
    /// <param name="height">Height of both maps, in pixels.</param>
    /// <param name="maxDistance">The largest distance of a pair, in pixels.</param>
    public static int[] Match(
        IReadOnlyList<(int X, int Y)> first, IReadOnlyList<(int X, int Y)> second, int width, int height, double maxDistance)
    {
        int[] places = new int[width * height];
        Array.Fill(places, None);
        for (int i = 0; i < second.Count; i++)
            places[second[i].Y * width + second[i].X] = i;
        (int X, int Y)[] offsets = Offsets(maxDistance);
        int[] starts = new int[first.Count + 1];
        List<int> edges = [];
        for (int i = 0; i < first.Count; i++)
        {
            (int x, int y) = first[i];
            foreach ((int dx, int dy) in offsets)
            {
                if ((uint)(x + dx) < (uint)width && (uint)(y + dy) < (uint)height
                    && places[(y + dy) * width + x + dx] is var place and not None)
                {
                    edges.Add(place);
                }
            }

            starts[i + 1] = edges.Count;
        }

        return new Search(starts, [.. edges], second.Count).Run();
    }

    /// <summary>Offsets within the distance, near ones first.</summary>
    private static (int X, int Y)[] Offsets(double maxDistance)
    {
        int reach = (int)maxDistance;
        return
        [
            .. Enumerable.Range(-reach, 2 * reach + 1).SelectMany(y => Enumerable.Range(-reach, 2 * reach + 1).Select(x => (X: x, Y: y)))
                .Where(step => step.X * step.X + step.Y * step.Y <= maxDistance * maxDistance)
                .OrderBy(step => step.X * step.X + step.Y * step.Y),
        ];
    }

    private sealed class Search(int[] starts, int[] edges, int others)
    {
        private readonly int[] _partner = NewArray(starts.Length - 1);
        private readonly int[] _partnerOfOther = NewArray(others);
        private readonly int[] _level = new int[starts.Length - 1];
        private readonly int[] _next = new int[starts.Length - 1];

        public int[] Run()
        {
            for (int i = 0; i < _partner.Length; i++)
            {
                for (int e = starts[i]; e < starts[i + 1] && _partner[i] == None; e++)
                {
                    if (_partnerOfOther[edges[e]] == None)
                        Pair(i, edges[e]);
                }
            }

            while (Layer())
            {
                starts.AsSpan(0, _next.Length).CopyTo(_next);
                for (int i = 0; i < _partner.Length; i++)
                {
                    if (_partner[i] == None)
                        Augment(i);
                }
            }

            return _partner;
        }

        /// <summary>
        /// Computes distances from the unmatched pixels; returns whether a free pixel of the other map is reached.
        /// </summary>
        private bool Layer()
        {
            var queue = new Queue<int>();
            for (int i = 0; i < _partner.Length; i++)
            {
                _level[i] = _partner[i] == None ? 0 : int.MaxValue;
                if (_partner[i] == None)
                    queue.Enqueue(i);
            }

            bool reaches = false;
            while (queue.TryDequeue(out int i))
            {
                for (int e = starts[i]; e < starts[i + 1]; e++)
                {
                    int after = _partnerOfOther[edges[e]];
                    if (after == None)
                    {
                        reaches = true;
                    }
                    else if (_level[after] == int.MaxValue)
                    {
                        _level[after] = _level[i] + 1;
                        queue.Enqueue(after);
                    }
                }
            }

            return reaches;
        }

        /// <summary>
        /// Matches a pixel along an augmenting path, if there is one. Uses a stack, because paths may be long.
        /// </summary>
        private void Augment(int root)
        {
            var path = new Stack<int>();
            path.Push(root);
            while (path.TryPeek(out int i))
            {
                if (_next[i] == starts[i + 1])
                {
                    // A dead end: no path leads on from this pixel in these layers.
                    path.Pop();
                    if (path.TryPeek(out int before))
                        _next[before]++;
                    continue;
                }

                int after = _partnerOfOther[edges[_next[i]]];
                if (after == None)
                {
                    foreach (int step in path)
                    {
                        Pair(step, edges[_next[step]]);
                        _next[step]++;
                    }

                    return;
                }

                if (_level[after] == _level[i] + 1)
                    path.Push(after);
                else
                    _next[i]++;
            }
        }

        private void Pair(int one, int other)
        {
            _partner[one] = other;
            _partnerOfOther[other] = one;
        }

        private static int[] NewArray(int length)
        {
            int[] array = new int[length];
            Array.Fill(array, None);
            return array;
        }
    }
}
