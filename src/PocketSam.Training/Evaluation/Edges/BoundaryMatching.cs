namespace PocketSam.Training.Evaluation.Edges;

/// <summary>
/// Pairs boundary pixels of two maps, each with one at most and none farther apart than a bound, so that as many as can be are
/// paired: a largest matching of the bipartite graph (Hopcroft and Karp, 1973). Near pixels are tried first.
/// </summary>
/// <remarks>
/// BSDS's benchmark solves an assignment in which leaving a pixel alone costs a hundred times the largest distance, by a
/// graph with randomly drawn edges for those left alone; this finds the number of pairs of that assignment without drawing.
/// Time is bounded by edges times the root of the pixels.
/// </remarks>
internal static class BoundaryMatching
{
    private const int None = -1;

    /// <summary>For each pixel of the first map the place of its partner in the second, or -1.</summary>
    /// <param name="first">Boundary pixels.</param>
    /// <param name="second">The same of the other map, of its size.</param>
    /// <param name="width">Pixels in a row of both.</param>
    /// <param name="height">Rows.</param>
    /// <param name="maxDistance">The largest distance of a pair, pixels.</param>
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

    /// <summary>Steps within the bound, near ones first.</summary>
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

        /// <summary>Distances from the pixels without a partner; whether one of them reaches a free pixel of the other map.</summary>
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

        /// <summary>Pairs a pixel by a path through the layers, if there is one; a stack, as paths may be long.</summary>
        private void Augment(int root)
        {
            var path = new Stack<int>();
            path.Push(root);
            while (path.TryPeek(out int i))
            {
                if (_next[i] == starts[i + 1])
                {
                    // A dead end: nothing leads on from here in these layers.
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
