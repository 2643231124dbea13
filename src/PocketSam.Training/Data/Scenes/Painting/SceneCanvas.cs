using System.Numerics;
using System.Runtime.InteropServices;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>
/// Paints scenes from front to back: each pixel remembers how much light still passes what is painted, so hidden
/// surfaces cost nothing but their outline. Buffers are reused; one canvas to a thread.
/// </summary>
internal sealed class SceneCanvas(int width, int height)
{
    // Less than a third of a step of 255 is not worth painting.
    private const float Opaque = 1f / 800;
    private const int MaxHeightRadius = 20;

    private readonly float[] _passing = new float[width * height];
    private readonly float[] _silhouette = new float[width * height];
    private readonly float[] _red = new float[width];
    private readonly float[] _green = new float[width];
    private readonly float[] _blue = new float[width];
    private readonly float[] _shade = new float[width];
    private readonly CoverageRasterizer _rasterizer = new(width, height);
    private readonly SoftCoverage _soft = new();

    public Ownership Ownership { get; } = new(width, height);

    /// <summary>Paints the scene; the masks are then in <see cref="Ownership"/>.</summary>
    public PlanarImage Paint(Scene scene, bool antialias)
    {
        Ownership.Clear();
        PlanarImage front = new(width, height);
        ClearForPainting(front);
        bool defocused = scene.Defocus > 0;
        int firstSharp = defocused ? scene.FirstSharp : 0;
        for (int i = scene.Things.Count - 1; i >= firstSharp; i--)
            PaintThing(scene.Things[i], scene.Light, front, antialias);

        if (!defocused)
        {
            PaintBackground(scene.Background, front);
            return front;
        }

        // What is out of focus is painted by itself, blurred, and seen through what the sharp things let pass.
        float[] frontPassing = [.. _passing];
        using PlanarImage back = new(width, height);
        ClearForPainting(back);
        for (int i = firstSharp - 1; i >= 0; i--)
            PaintThing(scene.Things[i], scene.Light, back, antialias);
        PaintBackground(scene.Background, back);
        GaussianBlur.Apply(back, scene.Defocus);
        for (int channel = 0; channel < 3; channel++)
            AddProduct(back.Plane(channel), frontPassing, front.Plane(channel));
        return front;
    }

    private void ClearForPainting(PlanarImage target)
    {
        for (int channel = 0; channel < 3; channel++)
            target.Plane(channel).Clear();
        _passing.AsSpan().Fill(1);
    }

    private void PaintThing(Thing thing, Light light, PlanarImage target, bool antialias)
    {
        Ownership.NextThing();
        Box silhouette = default;
        for (int i = thing.Parts.Count - 1; i >= 0; i--)
        {
            Part part = thing.Parts[i];
            if (!_rasterizer.Fill(part.Outline, antialias))
                continue;

            if (part.Opacity == 1)
            {
                Ownership.NextPart(part.Group);
                for (int y = 0; y < _rasterizer.Height; y++)
                    Ownership.Claim(_rasterizer.Left, _rasterizer.Top + y, _rasterizer.InsideRow(y));
                if (thing.Shadow is { Outline: null })
                    silhouette = AddToSilhouette(silhouette);
            }

            PaintPart(part, light, target);
        }

        if (thing.Shadow == null)
            return;

        if (thing.Shadow.Outline != null && _rasterizer.Fill(thing.Shadow.Outline, antialias: true))
            silhouette = AddToSilhouette(silhouette);
        if (silhouette.Right > silhouette.Left)
            DarkenBehind(thing.Shadow, silhouette);
    }

    private void PaintPart(Part part, Light light, PlanarImage target)
    {
        float roundness = part.Relief.Roundness * light.Strength;
        int radius = 0;
        if (roundness > 0)
        {
            radius = Math.Clamp(Math.Min(_rasterizer.Width, _rasterizer.Height) / 5, 1, MaxHeightRadius);
            _soft.Blur(
                _rasterizer.AlphaBox, _rasterizer.Width,
                (_rasterizer.Left, _rasterizer.Top, _rasterizer.Width, _rasterizer.Height), (width, height), radius);
        }

        for (int y = 0; y < _rasterizer.Height; y++)
        {
            int rowStart = (_rasterizer.Top + y) * width + _rasterizer.Left;
            Span<float> alpha = _rasterizer.AlphaRow(y);
            Span<float> passing = _passing.AsSpan(rowStart, _rasterizer.Width);
            (int from, int to) = VisibleRange(alpha, passing);
            if (from >= to)
                continue;

            int count = to - from;
            part.Material.Row(
                _rasterizer.Left + from, _rasterizer.Top + y, _red.AsSpan(0, count), _green.AsSpan(0, count),
                _blue.AsSpan(0, count));
            Shade(part.Relief.Slope * light.Strength, roundness, radius, light.Toward, from, count, y);
            Blend(
                alpha[from..to], part.Opacity, passing[from..to], target.Red.Slice(rowStart + from, count),
                target.Green.Slice(rowStart + from, count), target.Blue.Slice(rowStart + from, count));
        }
    }

    /// <summary>The first and the last pixel of a row that is covered and not yet hidden.</summary>
    private static (int From, int To) VisibleRange(ReadOnlySpan<float> alpha, ReadOnlySpan<float> passing)
    {
        int from = 0, to = alpha.Length;
        while (from < to && (alpha[from] == 0 || passing[from] < Opaque))
            from++;
        while (to > from && (alpha[to - 1] == 0 || passing[to - 1] < Opaque))
            to--;
        return (from, to);
    }

    /// <summary>Multiplies the colours of the row at hand by the light that falls on it.</summary>
    private void Shade(float slope, float roundness, int radius, Vector2 toward, int from, int count, int y)
    {
        if (slope == 0 && roundness == 0)
            return;

        float half = 0.5f * Math.Max(_rasterizer.Width, _rasterizer.Height);
        float along = slope * toward.X / half;
        float start = 1 + slope * toward.Y * (y - 0.5f * _rasterizer.Height) / half - along * 0.5f * _rasterizer.Width;
        Span<float> shade = _shade.AsSpan(0, count);
        for (int i = 0; i < count; i++)
            shade[i] = start + along * (from + i);

        if (roundness > 0)
            AddRoundness(shade, roundness, radius, toward, from, y);

        Multiply(shade, _red);
        Multiply(shade, _green);
        Multiply(shade, _blue);
    }

    /// <summary>
    /// The blurred coverage as a height: its slope away from the light lightens, towards it darkens, and the rim, where
    /// it is lowest, darkens a little on all sides.
    /// </summary>
    private void AddRoundness(Span<float> shade, float roundness, int radius, Vector2 toward, int from, int y)
    {
        int softY = y + _rasterizer.Top - _soft.Top;
        int softX = from + _rasterizer.Left - _soft.Left;
        ReadOnlySpan<float> above = _soft.Row(softY - 1)[softX..];
        ReadOnlySpan<float> below = _soft.Row(softY + 1)[softX..];
        ReadOnlySpan<float> row = _soft.Row(softY)[(softX - 1)..];
        float byX = -toward.X * roundness * radius * 1.2f;
        float byY = -toward.Y * roundness * radius * 1.2f;
        for (int i = 0; i < shade.Length; i++)
        {
            float slope = (row[i + 2] - row[i]) * byX + (below[i] - above[i]) * byY;
            float rim = 1 - row[i + 1];
            shade[i] = Math.Clamp(shade[i] + slope - 0.35f * roundness * rim * rim, 0.1f, 1.9f);
        }
    }

    private void Blend(
        ReadOnlySpan<float> alpha, float opacity, Span<float> passing, Span<float> red, Span<float> green,
        Span<float> blue)
    {
        for (int i = 0; i < alpha.Length; i++)
        {
            float covered = alpha[i] * opacity;
            float weight = covered * passing[i];
            red[i] += weight * _red[i];
            green[i] += weight * _green[i];
            blue[i] += weight * _blue[i];
            passing[i] -= weight;
        }
    }

    private Box AddToSilhouette(Box box)
    {
        Box added = new(
            _rasterizer.Left, _rasterizer.Top, _rasterizer.Left + _rasterizer.Width,
            _rasterizer.Top + _rasterizer.Height);
        for (int y = 0; y < _rasterizer.Height; y++)
        {
            ReadOnlySpan<float> alpha = _rasterizer.AlphaRow(y);
            Span<float> silhouette = _silhouette.AsSpan((added.Top + y) * width + added.Left, alpha.Length);
            for (int i = 0; i < alpha.Length; i++)
                silhouette[i] = Math.Max(silhouette[i], alpha[i]);
        }

        return box.Right == 0
            ? added
            : new Box(
                Math.Min(box.Left, added.Left), Math.Min(box.Top, added.Top), Math.Max(box.Right, added.Right),
                Math.Max(box.Bottom, added.Bottom));
    }

    /// <summary>Blurs the silhouette, lets less pass where it falls, and wipes it.</summary>
    private void DarkenBehind(CastShadow shadow, Box box)
    {
        int boxWidth = box.Right - box.Left;
        int boxHeight = box.Bottom - box.Top;
        _soft.Blur(
            _silhouette.AsSpan(box.Top * width + box.Left), width, (box.Left, box.Top, boxWidth, boxHeight),
            (width, height),
            shadow.Softness);
        for (int y = box.Top; y < box.Bottom; y++)
            _silhouette.AsSpan(y * width + box.Left, boxWidth).Clear();

        int left = _soft.Left + (int)MathF.Round(shadow.Offset.X);
        int top = _soft.Top + (int)MathF.Round(shadow.Offset.Y);
        int from = Math.Max(left, 0);
        int to = Math.Min(left + _soft.Width, width);
        for (int y = Math.Max(top, 0); y < Math.Min(top + _soft.Height, height) && from < to; y++)
        {
            ReadOnlySpan<float> dark = _soft.Row(y - top)[(from - left)..(to - left)];
            Span<float> passing = _passing.AsSpan(y * width + from, to - from);
            for (int i = 0; i < passing.Length; i++)
                passing[i] *= 1 - shadow.Strength * dark[i];
        }
    }

    private void PaintBackground(Material material, PlanarImage target)
    {
        for (int y = 0; y < height; y++)
        {
            Span<float> passing = _passing.AsSpan(y * width, width);
            int from = passing.IndexOfAnyInRange(Opaque, 1);
            if (from < 0)
                continue;

            int count = passing.LastIndexOfAnyInRange(Opaque, 1) + 1 - from;
            int start = y * width + from;
            material.Row(from, y, _red.AsSpan(0, count), _green.AsSpan(0, count), _blue.AsSpan(0, count));
            AddProduct(_red.AsSpan(0, count), passing.Slice(from, count), target.Red.Slice(start, count));
            AddProduct(_green.AsSpan(0, count), passing.Slice(from, count), target.Green.Slice(start, count));
            AddProduct(_blue.AsSpan(0, count), passing.Slice(from, count), target.Blue.Slice(start, count));
        }
    }

    /// <summary>target *= factors</summary>
    private static void Multiply(ReadOnlySpan<float> factors, Span<float> target)
    {
        for (int i = 0; i < factors.Length; i++)
            target[i] *= factors[i];
    }

    /// <summary>target += a * b</summary>
    private static void AddProduct(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> target)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> right = MemoryMarshal.Cast<float, Vector<float>>(b);
        Span<Vector<float>> targets = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (int i = 0; i < left.Length; i++)
            targets[i] += left[i] * right[i];
        for (int i = left.Length * Vector<float>.Count; i < a.Length; i++)
            target[i] += a[i] * b[i];
    }

    private readonly record struct Box(int Left, int Top, int Right, int Bottom);
}
