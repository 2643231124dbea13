using System.Numerics;
using System.Runtime.InteropServices;

namespace PocketSam.Training.Data.Scenes.Shapes;

/// <summary>
/// Fills outlines: how much of each pixel is covered, and whether its centre is inside. A pixel row is swept at five
/// heights, the middle one through the pixel centres, and is exact along each of them. Buffers are reused: one
/// rasterizer to a thread, and a result holds until the next call.
/// </summary>
internal sealed class CoverageRasterizer(int width, int height)
{
    private const int Sweeps = 5;
    private const int MiddleSweep = Sweeps / 2;

    private readonly float[] _alpha = new float[width * height];
    private readonly byte[] _inside = new byte[width * height];
    private readonly float[] _partial = new float[width + 1];
    private readonly float[] _steps = new float[width + 1];
    private readonly List<Edge> _edges = [];
    private Edge[] _active = new Edge[64];
    private Crossing[] _crossings = new Crossing[64];

    /// <summary>The outline's bounding box, cut to the picture.</summary>
    public int Left { get; private set; }

    public int Top { get; private set; }

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Covered fractions of row <paramref name="y"/> of the box.</summary>
    public Span<float> AlphaRow(int y) => _alpha.AsSpan(y * Width, Width);

    /// <summary>Covered fractions of the whole box, row by row.</summary>
    public ReadOnlySpan<float> AlphaBox => _alpha.AsSpan(0, Width * Height);

    /// <summary>1 where the pixel's centre is inside, else 0.</summary>
    public ReadOnlySpan<byte> InsideRow(int y) => _inside.AsSpan(y * Width, Width);

    /// <summary>Fills the outline; false if nothing of it is in the picture.</summary>
    public bool Fill(Outline outline, bool antialias)
    {
        if (!SetBox(outline.Points))
            return false;

        SetEdges(outline);
        int next = 0;
        int active = 0;
        for (int y = 0; y < Height; y++)
        {
            Span<byte> inside = _inside.AsSpan(y * Width, Width);
            inside.Clear();
            for (int sweep = 0; sweep < Sweeps; sweep++)
            {
                int line = (Top + y) * Sweeps + sweep;
                Advance(line, ref next, ref active);
                if (active > 0 && (antialias || sweep == MiddleSweep))
                    Sweep(line, active, inside, sweep == MiddleSweep);
            }

            if (antialias)
                SumRow(AlphaRow(y));
            else
                CopyRow(inside, AlphaRow(y));
        }

        return true;
    }

    private bool SetBox(List<Vector2> points)
    {
        Vector2 low = new(float.MaxValue), high = new(float.MinValue);
        foreach (Vector2 point in points)
        {
            low = new Vector2(Math.Min(low.X, point.X), Math.Min(low.Y, point.Y));
            high = new Vector2(Math.Max(high.X, point.X), Math.Max(high.Y, point.Y));
        }

        Left = (int)Math.Clamp(MathF.Floor(low.X), 0, width);
        Top = (int)Math.Clamp(MathF.Floor(low.Y), 0, height);
        Width = (int)Math.Clamp(MathF.Ceiling(high.X), 0, width) - Left;
        Height = (int)Math.Clamp(MathF.Ceiling(high.Y), 0, height) - Top;
        return Width > 0 && Height > 0;
    }

    private void SetEdges(Outline outline)
    {
        _edges.Clear();
        int firstLine = Top * Sweeps;
        int lastLine = (Top + Height) * Sweeps;
        int start = 0;
        foreach (int end in outline.Ends)
        {
            Vector2 previous = outline.Points[end - 1];
            for (int i = start; i < end; i++)
            {
                AddEdge(previous, outline.Points[i], firstLine, lastLine);
                previous = outline.Points[i];
            }

            start = end;
        }

        CollectionsMarshal.AsSpan(_edges).Sort((a, b) => a.FirstLine.CompareTo(b.FirstLine));
        if (_active.Length < _edges.Count)
        {
            _active = new Edge[_edges.Count];
            _crossings = new Crossing[_edges.Count];
        }
    }

    private void AddEdge(Vector2 from, Vector2 to, int firstLine, int lastLine)
    {
        int winding = 1;
        if (from.Y > to.Y)
        {
            (from, to) = (to, from);
            winding = -1;
        }

        // Lines whose height (line + 0.5) / Sweeps is in [from.Y, to.Y)
        int first = (int)MathF.Ceiling(Math.Max(from.Y * Sweeps - 0.5f, firstLine));
        int end = (int)MathF.Ceiling(Math.Min(to.Y * Sweeps - 0.5f, lastLine));
        if (first >= end)
            return;

        float perLine = (to.X - from.X) / ((to.Y - from.Y) * Sweeps);
        float atFirst = from.X + (first - (from.Y * Sweeps - 0.5f)) * perLine;
        _edges.Add(new Edge(first, end, atFirst, perLine, winding));
    }

    private void Advance(int line, ref int next, ref int active)
    {
        while (next < _edges.Count && _edges[next].FirstLine == line)
            _active[active++] = _edges[next++];
        for (int i = active - 1; i >= 0; i--)
        {
            if (_active[i].EndLine <= line)
                _active[i] = _active[--active];
        }
    }

    private void Sweep(int line, int active, Span<byte> inside, bool middle)
    {
        Span<Crossing> crossings = _crossings.AsSpan(0, active);
        for (int i = 0; i < active; i++)
        {
            ref readonly Edge edge = ref _active[i];
            Crossing crossing = new(edge.AtFirst + edge.PerLine * (line - edge.FirstLine) - Left, edge.Winding);
            int slot = i;
            while (slot > 0 && crossings[slot - 1].X > crossing.X)
            {
                crossings[slot] = crossings[slot - 1];
                slot--;
            }

            crossings[slot] = crossing;
        }

        int winding = 0;
        float from = 0;
        foreach (Crossing crossing in crossings)
        {
            if (winding == 0)
                from = crossing.X;
            winding += crossing.Winding;
            if (winding == 0)
                AddSpan(Math.Clamp(from, 0, Width), Math.Clamp(crossing.X, 0, Width), inside, middle);
        }
    }

    private void AddSpan(float from, float to, Span<byte> inside, bool middle)
    {
        if (from >= to)
            return;

        if (middle)
        {
            int firstCenter = (int)MathF.Ceiling(from - 0.5f);
            int endCenter = (int)MathF.Ceiling(to - 0.5f);
            inside[firstCenter..endCenter].Fill(1);
        }

        int first = (int)from;
        int last = (int)to;
        if (first == last)
        {
            _partial[first] += to - from;
            return;
        }

        _partial[first] += first + 1 - from;
        _partial[last] += to - last;
        _steps[first + 1]++;
        _steps[last]--;
    }

    /// <summary>
    /// Partly covered pixels plus the running number of sweeps that cover a pixel whole; clears both.
    /// </summary>
    private void SumRow(Span<float> alpha)
    {
        float whole = 0;
        for (int x = 0; x < alpha.Length; x++)
        {
            whole += _steps[x];
            alpha[x] = Math.Min((_partial[x] + whole) * (1f / Sweeps), 1);
        }

        Array.Clear(_partial, 0, alpha.Length + 1);
        Array.Clear(_steps, 0, alpha.Length + 1);
    }

    private void CopyRow(ReadOnlySpan<byte> inside, Span<float> alpha)
    {
        for (int x = 0; x < alpha.Length; x++)
            alpha[x] = inside[x];
        Array.Clear(_partial, 0, alpha.Length + 1);
        Array.Clear(_steps, 0, alpha.Length + 1);
    }

    private readonly record struct Edge(int FirstLine, int EndLine, float AtFirst, float PerLine, int Winding);

    private readonly record struct Crossing(float X, int Winding);
}
