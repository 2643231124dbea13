using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Tests.Data.Scenes.Painting;

public class SceneCanvasTests
{
    private const int Width = 60;
    private const int Height = 50;

    private static readonly Frame Pixels = Frame.Upright(0, 0, 1, 1);
    private static readonly Color Ground = new(10, 20, 30);
    private static readonly Color Body = new(200, 100, 50);
    private static readonly Color Detail = new(20, 220, 90);
    private static readonly Color Cover = new(90, 90, 250);

    [Fact]
    public void Masks_are_the_visible_parts_and_carry_their_colour()
    {
        // A body with a detail on it, and a cover over the left of both.
        Thing composed = new Thing().With(Flat(10, 10, 40, 40, Body)).With(Flat(15, 15, 25, 25, Detail));
        Thing cover = new Thing().With(Flat(5, 4, 20, 45, Cover));

        (RgbImage image, List<BinaryMask> masks) = Paint(composed, cover);

        Assert.Equal(4, masks.Count);
        BinaryMask front = masks.Single(mask => mask.Area == 15 * 41);
        BinaryMask whole = masks.Single(mask => mask.Area == 20 * 30);
        BinaryMask detail = masks.Single(mask => mask.Area == 5 * 10);
        BinaryMask body = masks.Single(mask => mask.Area == 20 * 30 - 5 * 10);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                Color expected = front[x, y] ? Cover : detail[x, y] ? Detail : body[x, y] ? Body : Ground;
                int i = 3 * (y * Width + x);
                Assert.Equal(expected, new Color(image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]));
                Assert.Equal(whole[x, y], detail[x, y] || body[x, y]);
            }
        }
    }

    [Fact]
    public void A_thing_nearly_hidden_has_no_mask()
    {
        Thing hidden = new Thing().With(Flat(10, 10, 30, 30, Body));

        Assert.Single(Paint(hidden, new Thing().With(Flat(13, 0, 60, 50, Cover))).Masks);
        Assert.Equal(2, Paint(hidden, new Thing().With(Flat(15, 0, 60, 50, Cover))).Masks.Count);
    }

    [Fact]
    public void Groups_of_parts_have_a_mask_together()
    {
        Thing thing = new Thing()
            .With(Flat(5, 20, 45, 45, Body))
            .With(Flat(20, 5, 40, 20, Detail) with { Group = 1 })
            .With(Flat(20, 5, 40, 10, Cover) with { Group = 1 });

        List<int> areas = [.. Paint(thing).Masks.Select(mask => mask.Area).Order()];

        Assert.Equal([100, 200, 300, 1000, 1300], areas);
    }

    [Fact]
    public void A_shadow_darkens_but_is_in_no_mask()
    {
        Thing thing = new Thing().With(Flat(10, 10, 20, 20, Body));
        thing.Shadow = new CastShadow(new Vector2(12, 0), Softness: 0, Strength: 0.5f);

        (RgbImage image, List<BinaryMask> masks) = Paint(thing);

        Assert.Equal(100, Assert.Single(masks).Area);
        Assert.Equal((byte)15, image.Pixels[3 * (15 * Width + 27) + 2]);
        Assert.Equal((byte)30, image.Pixels[3 * (15 * Width + 40) + 2]);
        Assert.Equal((byte)200, image.Pixels[3 * (15 * Width + 15)]);
    }

    [Fact]
    public void A_tint_keeps_the_pixels_with_what_is_behind()
    {
        Thing thing = new Thing()
            .With(Flat(10, 10, 20, 20, Body))
            .With(Flat(10, 10, 30, 15, Detail) with { Opacity = 0.5f });

        (RgbImage image, List<BinaryMask> masks) = Paint(thing);

        Assert.Equal(100, Assert.Single(masks).Area);
        Assert.Equal((byte)110, image.Pixels[3 * (12 * Width + 12)]);
    }

    [Fact]
    public void Defocus_blurs_the_back_and_keeps_masks_and_front()
    {
        Thing back = new Thing().With(Flat(5, 5, 30, 30, Body));
        Thing front = new Thing().With(Flat(20, 20, 45, 45, Cover));
        Scene scene = new(Material.Flat(Ground), [back, front], default) { FirstSharp = 1, Defocus = 2 };

        (RgbImage image, List<BinaryMask> masks) = Paint(scene);

        Assert.Equal([625, 525], masks.Select(mask => mask.Area));
        Assert.InRange(image.Pixels[3 * (15 * Width + 5)], 20, 190);
        Assert.Equal((byte)90, image.Pixels[3 * (30 * Width + 20)]);
    }

    private static Part Flat(float left, float top, float right, float bottom, Color color)
        => new(new Outline(Pixels).Box(left, top, right, bottom), Material.Flat(color));

    private static (RgbImage Image, List<BinaryMask> Masks) Paint(params Thing[] things)
        => Paint(new Scene(Material.Flat(Ground), things, default));

    private static (RgbImage Image, List<BinaryMask> Masks) Paint(Scene scene)
    {
        SceneCanvas canvas = new(Width, Height);
        using PlanarImage image = canvas.Paint(scene, antialias: false);
        return (image.ToRgb(), canvas.Ownership.Masks(minArea: 10, minVisibleFraction: 0.2f, partMasks: true));
    }
}
