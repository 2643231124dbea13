using System.Numerics;
using System.Runtime.InteropServices;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>
/// A coverage blurred by two box filters, with a margin round it: the shape of a shadow, or a height that rises from
/// the edge of a shape inwards. What the picture's border cuts off counts as going on. Reused; one to a thread.
/// </summary>
internal sealed class SoftCoverage
{
    private float[] _values = [];
    private float[] _scratch = [];
    private float[] _columns = [];

    public int Left { get; private set; }

    public int Top { get; private set; }

    public int Width { get; private set; }

    public int Height { get; private set; }

    public ReadOnlySpan<float> Row(int y) => _values.AsSpan(y * Width, Width);

    /// <summary>
    /// Blurs the box at (left, top) of a picture; <paramref name="source"/> holds the box, rows
    /// <paramref name="stride"/> apart.
    /// </summary>
    public void Blur(
        ReadOnlySpan<float> source, int stride, (int Left, int Top, int Width, int Height) box,
        (int Width, int Height) picture, int radius)
    {
        int margin = 2 * radius + 1;
        Left = box.Left - margin;
        Top = box.Top - margin;
        Width = box.Width + 2 * margin;
        Height = box.Height + 2 * margin;
        if (_values.Length < Width * Height)
        {
            _values = new float[Width * Height];
            _scratch = new float[Width * Height];
        }

        if (_columns.Length < Width)
            _columns = new float[Width];

        for (int y = 0; y < Height; y++)
        {
            int sourceY = Math.Clamp(Top + y, 0, picture.Height - 1) - box.Top;
            Span<float> row = _values.AsSpan(y * Width, Width);
            row.Clear();
            if (sourceY < 0 || sourceY >= box.Height)
                continue;

            ReadOnlySpan<float> sourceRow = source.Slice(sourceY * stride, box.Width);
            sourceRow.CopyTo(row[margin..]);
            if (box.Left == 0)
                row[..margin].Fill(sourceRow[0]);
            if (box.Left + box.Width == picture.Width)
                row[(margin + box.Width)..].Fill(sourceRow[^1]);
        }

        for (int pass = 0; pass < 2 && radius > 0; pass++)
        {
            for (int y = 0; y < Height; y++)
                BlurRow(_values.AsSpan(y * Width, Width), _scratch.AsSpan(y * Width, Width), radius);
            BlurColumns(radius);
        }
    }

    private static void BlurRow(ReadOnlySpan<float> source, Span<float> target, int radius)
    {
        float weight = 1f / (2 * radius + 1);
        float sum = 0;
        for (int x = 0; x < Math.Min(radius, source.Length); x++)
            sum += source[x];
        for (int x = 0; x < source.Length; x++)
        {
            if (x + radius < source.Length)
                sum += source[x + radius];
            if (x - radius - 1 >= 0)
                sum -= source[x - radius - 1];
            target[x] = sum * weight;
        }
    }

    /// <summary>From scratch to values.</summary>
    private void BlurColumns(int radius)
    {
        Span<float> sums = _columns.AsSpan(0, Width);
        sums.Clear();
        for (int y = 0; y < Math.Min(radius, Height); y++)
            AddScaled(_scratch.AsSpan(y * Width, Width), 1, sums);
        float weight = 1f / (2 * radius + 1);
        for (int y = 0; y < Height; y++)
        {
            if (y + radius < Height)
                AddScaled(_scratch.AsSpan((y + radius) * Width, Width), 1, sums);
            if (y - radius - 1 >= 0)
                AddScaled(_scratch.AsSpan((y - radius - 1) * Width, Width), -1, sums);
            Span<float> target = _values.AsSpan(y * Width, Width);
            target.Clear();
            AddScaled(sums, weight, target);
        }
    }

    /// <summary>target += source * weight</summary>
    private static void AddScaled(ReadOnlySpan<float> source, float weight, Span<float> target)
    {
        ReadOnlySpan<Vector<float>> sources = MemoryMarshal.Cast<float, Vector<float>>(source);
        Span<Vector<float>> targets = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (int i = 0; i < sources.Length; i++)
            targets[i] += sources[i] * weight;
        for (int i = sources.Length * Vector<float>.Count; i < source.Length; i++)
            target[i] += source[i] * weight;
    }
}
