using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Tests.Data.Scenes.Shapes;

public class CoverageRasterizerTests
{
    private const int Width = 61;
    private const int Height = 47;

    [Fact]
    public void A_box_on_half_pixels_covers_halves_and_owns_centres()
    {
        CoverageRasterizer rasterizer = new(Width, Height);
        Assert.True(rasterizer.Fill(new Outline(Frame.Pixels).Box(3.25f, 4, 7.75f, 9), antialias: true));

        Assert.Equal((3, 4, 5, 5), (rasterizer.Left, rasterizer.Top, rasterizer.Width, rasterizer.Height));
        float[] expected = [0.75f, 1, 1, 1, 0.75f];
        for (int y = 0; y < 5; y++)
        {
            for (int x = 0; x < 5; x++)
                Assert.Equal(expected[x], rasterizer.AlphaRow(y)[x], 1e-5f);
            Assert.Equal(new byte[] { 1, 1, 1, 1, 1 }, rasterizer.InsideRow(y));
        }
    }

    [Fact]
    public void A_hole_is_empty_and_a_box_outside_is_nothing()
    {
        CoverageRasterizer rasterizer = new(Width, Height);
        Assert.True(rasterizer.Fill(new Outline(Frame.Pixels).Box(2, 2, 12, 12).Box(5, 5, 8, 8, isHole: true), antialias: true));
        Assert.Equal(1, rasterizer.AlphaRow(0)[0]);
        Assert.Equal(0, rasterizer.AlphaRow(4)[4]);
        Assert.Equal(0, rasterizer.InsideRow(4)[4]);

        Assert.False(rasterizer.Fill(new Outline(Frame.Pixels).Box(-20, 2, -3, 12), antialias: true));
        Assert.False(rasterizer.Fill(new Outline(Frame.Pixels).Box(2, Height, 9, Height + 9), antialias: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Agrees_with_winding_numbers_of_pixel_centres(bool antialias)
    {
        RandomStream random = new(21);
        CoverageRasterizer rasterizer = new(Width, Height);
        for (int trial = 0; trial < 12; trial++)
        {
            Outline outline = RandomOutline(random);
            byte[] inside = new byte[Width * Height];
            float[] alpha = new float[Width * Height];
            if (rasterizer.Fill(outline, antialias))
            {
                for (int y = 0; y < rasterizer.Height; y++)
                {
                    int start = (rasterizer.Top + y) * Width + rasterizer.Left;
                    rasterizer.InsideRow(y).CopyTo(inside.AsSpan(start));
                    rasterizer.AlphaRow(y).CopyTo(alpha.AsSpan(start));
                }
            }

            double area = 0, sampled = 0;
            for (int i = 0; i < inside.Length; i++)
            {
                float centerX = i % Width + 0.5f, centerY = i / Width + 0.5f;
                if (!NearEdge(outline, centerX, centerY))
                    Assert.Equal(Winding(outline, centerX, centerY) != 0, inside[i] == 1);
                if (!antialias)
                    Assert.Equal(inside[i], alpha[i]);
                area += alpha[i];
                sampled += inside[i];
            }

            Assert.Equal(sampled, area, 0.05 * sampled + 12);
        }
    }

    private static Outline RandomOutline(RandomStream random)
    {
        Frame frame = Frame.At(
            random.Uniform(0, Width), random.Uniform(0, Height), random.Uniform(4, 30), random.Uniform(4, 30),
            random.NextFloat());
        Outline outline = new(random.Chance(0.5f) ? frame : frame.Mirrored());
        return random.Below(4) switch
        {
            0 => outline.Ellipse(0, 0, 1, 1).Ellipse(0.1f, 0, 0.5f, 0.6f, isHole: true),
            1 => outline.Smooth(new(-0.9f, 0), new(0.1f, -0.8f), new(0.2f, 0.1f), new(0.9f, 0.2f), new(-0.3f, 0.9f)),
            2 => outline.Stroke([new Vector2(-1, -1), new Vector2(1, 0), new Vector2(-0.5f, 1)], 0.3f, 0.1f),
            _ => outline.Box(-1, -0.5f, 0.6f, 0.5f).Ellipse(0.5f, 0.3f, 0.5f, 0.7f),
        };
    }

    /// <summary>The definition: how often the contours go round the point.</summary>
    private static int Winding(Outline outline, float x, float y)
    {
        int winding = 0;
        foreach ((Vector2 from, Vector2 to) in Edges(outline))
        {
            bool down = from.Y <= y && to.Y > y;
            bool up = to.Y <= y && from.Y > y;
            if ((down || up) && from.X + (y - from.Y) * (to.X - from.X) / (to.Y - from.Y) <= x)
                winding += down ? 1 : -1;
        }

        return winding;
    }

    private static bool NearEdge(Outline outline, float x, float y)
        => Edges(outline).Any(edge =>
        {
            Vector2 way = edge.To - edge.From;
            Vector2 point = new Vector2(x, y) - edge.From;
            float at = Math.Clamp(Vector2.Dot(point, way) / Math.Max(way.LengthSquared(), 1e-12f), 0, 1);
            return (point - way * at).Length() < 1e-3f;
        });

    private static IEnumerable<(Vector2 From, Vector2 To)> Edges(Outline outline)
    {
        int start = 0;
        foreach (int end in outline.Ends)
        {
            for (int i = start; i < end; i++)
                yield return (outline.Points[i == start ? end - 1 : i - 1], outline.Points[i]);
            start = end;
        }
    }
}
