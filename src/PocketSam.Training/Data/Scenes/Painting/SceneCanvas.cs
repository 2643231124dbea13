using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>
/// Paints a scene front to back. Each pixel remembers the fraction of light that still passes the painted surfaces, so
/// hidden surfaces cost only their outline. Used for one scene.
/// </summary>
internal sealed class SceneCanvas(int width, int height)
{
    /// <summary>Least fraction of light worth painting: less than a third of a step of 1/255.</summary>
    private const float Opaque = 1f / 800;

    /// <summary>Lightening of a bulge towards the light, and darkening of its rim.</summary>
    private const float BulgeLight = 0.45f, RimDark = 0.3f;

    /// <summary>Offset and radius of a shadow, relative to the size of its thing.</summary>
    private const float ShadowOffset = 0.12f, ShadowReach = 0.6f;

    private readonly float[] _passing = new float[width * height];
    private readonly float[] _red = new float[width];
    private readonly float[] _green = new float[width];
    private readonly float[] _blue = new float[width];
    private readonly float[] _shade = new float[width];
    private readonly float[] _whole = [.. Enumerable.Repeat(1f, width)];
    private readonly CoverageRasterizer _rasterizer = new(width, height);

    /// <summary>The masks of the scene, complete after painting.</summary>
    public Ownership Ownership { get; } = new(width, height);

    /// <summary>Paints the scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="isFlat">
    /// Whether to paint each part in one colour, with hard edges and without light and shadow.
    /// </param>
    public PlanarImage Paint(Scene scene, bool isFlat)
    {
        var image = new PlanarImage(width, height);
        for (int channel = 0; channel < 3; channel++)
            image.Plane(channel).Clear();
        _passing.AsSpan().Fill(1);
        for (int i = scene.Things.Count - 1; i >= 0; i--)
            PaintThing(scene.Things[i], scene.Light, image, isFlat);
        Texture background = isFlat ? Texture.Plain(scene.Background.Low) : scene.Background;
        for (int y = 0; y < height; y++)
            PaintRow(background, 0, y, _whole, [], image);
        return image;
    }

    private void PaintThing(Thing thing, Vector2 light, PlanarImage image, bool isFlat)
    {
        Ownership.NextThing();
        Vector2 low = new(float.MaxValue), high = new(float.MinValue);
        for (int i = thing.Parts.Count - 1; i >= 0; i--)
        {
            Part part = thing.Parts[i];
            if (!_rasterizer.Fill(part.Outline, antialias: !isFlat))
                continue;

            Ownership.NextPart();
            Texture texture = isFlat ? Texture.Plain(part.Texture.Low) : part.Texture;
            int left = _rasterizer.Left, top = _rasterizer.Top;
            for (int y = 0; y < _rasterizer.Height; y++)
            {
                Ownership.Claim(left, top + y, _rasterizer.InsideRow(y));
                PaintRow(
                    texture, left, top + y, _rasterizer.AlphaRow(y), isFlat ? [] : Shade(part.Bulge, light, y), image);
            }

            (low, high) = (Vector2.Min(low, _rasterizer.Bounds.Low), Vector2.Max(high, _rasterizer.Bounds.High));
        }

        if (thing.Shadow > 0 && !isFlat && low.X < high.X)
            Darken(thing.Shadow, (low + high) * 0.5f - light * ShadowOffset * (high - low), (high - low) * ShadowReach);
    }

    /// <summary>
    /// Brightness factors for a row of the current part, as if its bounding box contained a ball; empty for a flat
    /// part.
    /// </summary>
    private ReadOnlySpan<float> Shade(float bulge, Vector2 light, int y)
    {
        if (bulge == 0)
            return [];
        (Vector2 low, Vector2 high) = _rasterizer.Bounds;
        Vector2 middle = (low + high) * 0.5f, perPixel = Vector2.One / Vector2.Max((high - low) * 0.5f, Vector2.One);
        float down = (_rasterizer.Top + y + 0.5f - middle.Y) * perPixel.Y;
        Span<float> shade = _shade.AsSpan(0, _rasterizer.Width);
        for (int x = 0; x < shade.Length; x++)
        {
            float across = (_rasterizer.Left + x + 0.5f - middle.X) * perPixel.X, square = across * across + down * down;
            shade[x] = 1 + bulge * (BulgeLight * (across * light.X + down * light.Y) - RimDark * square * square);
            shade[x] = Math.Clamp(shade[x], 0.2f, 1.8f);
        }

        return shade;
    }

    /// <summary>Adds a row of a surface where light passes, and reduces the passing light.</summary>
    private void PaintRow(
        Texture texture, int x, int y, ReadOnlySpan<float> alpha, ReadOnlySpan<float> shade, PlanarImage image)
    {
        int start = y * width + x, from = 0, to = alpha.Length;
        Span<float> passing = _passing.AsSpan(start, alpha.Length);
        while (from < to && (alpha[from] == 0 || passing[from] < Opaque))
            from++;
        while (to > from && (alpha[to - 1] == 0 || passing[to - 1] < Opaque))
            to--;
        if (from == to)
            return;

        texture.Row(x + from, y, _red.AsSpan(0, to - from), _green.AsSpan(0, to - from), _blue.AsSpan(0, to - from));
        Span<float> red = image.Red[start..], green = image.Green[start..], blue = image.Blue[start..];
        for (int i = from; i < to; i++)
        {
            float weight = alpha[i] * passing[i], light = shade.IsEmpty ? weight : weight * shade[i];
            red[i] += light * _red[i - from];
            green[i] += light * _green[i - from];
            blue[i] += light * _blue[i - from];
            passing[i] -= weight;
        }
    }

    /// <summary>Reduces the passing light within an ellipse, most in its middle.</summary>
    private void Darken(float strength, Vector2 middle, Vector2 radii)
    {
        int left = Math.Max((int)(middle.X - radii.X), 0), right = Math.Min((int)(middle.X + radii.X) + 1, width);
        int top = Math.Max((int)(middle.Y - radii.Y), 0), bottom = Math.Min((int)(middle.Y + radii.Y) + 1, height);
        for (int y = top; y < bottom; y++)
        {
            float down = (y + 0.5f - middle.Y) / radii.Y;
            for (int x = left; x < right; x++)
            {
                float across = (x + 0.5f - middle.X) / radii.X, near = 1 - across * across - down * down;
                if (near > 0)
                    _passing[y * width + x] *= 1 - strength * Math.Min(2 * near, 1);
            }
        }
    }
}
