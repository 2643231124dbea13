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

    private static readonly Color Ground = new(10, 20, 30);
    private static readonly Color Body = new(200, 100, 50);
    private static readonly Color Detail = new(20, 220, 90);
    private static readonly Color Cover = new(90, 90, 250);

    [Fact]
    public void Masks_are_the_visible_parts_and_carry_their_colour()
    {
        // A body with a detail on it, and a cover over the left of both.
        Thing composed = new() { Parts = { Flat(10, 10, 40, 40, Body), Flat(15, 15, 25, 25, Detail) } };
        Thing cover = new() { Parts = { Flat(5, 4, 20, 45, Cover) } };

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
        Thing hidden = new() { Parts = { Flat(10, 10, 30, 30, Body) } };

        Assert.Single(Paint(hidden, new Thing { Parts = { Flat(13, 0, 60, 50, Cover) } }).Masks);
        Assert.Equal(2, Paint(hidden, new Thing { Parts = { Flat(15, 0, 60, 50, Cover) } }).Masks.Count);
    }

    [Fact]
    public void A_shadow_darkens_but_is_in_no_mask()
    {
        Thing thing = new() { Parts = { Flat(10, 10, 30, 30, Body) }, Shadow = 0.5f };
        var scene = new Scene(Texture.Plain(Ground), [thing], new Vector2(1, 0));

        (RgbImage image, List<BinaryMask> masks) = Paint(scene, isFlat: false);

        // The light comes from the right: the shadow reaches out to the left.
        Assert.Equal(400, Assert.Single(masks).Area);
        Assert.InRange(image.Pixels[3 * (20 * Width + 8) + 2], 10, 28);
        Assert.Equal((byte)30, image.Pixels[3 * (20 * Width + 40) + 2]);
        Assert.Equal((byte)200, image.Pixels[3 * (20 * Width + 20)]);
    }

    [Fact]
    public void A_bulge_is_lighter_where_it_faces_the_light()
    {
        Thing thing = new() { Parts = { Flat(10, 10, 30, 30, Body) with { Bulge = 1 } } };
        var scene = new Scene(Texture.Plain(Ground), [thing], new Vector2(0, -1));

        RgbImage image = Paint(scene, isFlat: false).Image;

        Assert.InRange(image.Pixels[3 * (13 * Width + 20)], 210, 255);
        Assert.InRange(image.Pixels[3 * (27 * Width + 20)], 50, 190);
    }

    private static Part Flat(float left, float top, float right, float bottom, Color color)
        => new(new Outline(Frame.Pixels).Box(left, top, right, bottom), Texture.Plain(color));

    private static (RgbImage Image, List<BinaryMask> Masks) Paint(params Thing[] things)
        => Paint(new Scene(Texture.Plain(Ground), things, default), isFlat: true);

    private static (RgbImage Image, List<BinaryMask> Masks) Paint(Scene scene, bool isFlat)
    {
        SceneCanvas canvas = new(Width, Height);
        using PlanarImage image = canvas.Paint(scene, isFlat);
        return (image.ToRgb(), canvas.Ownership.Masks(minArea: 10, minVisibleFraction: 0.2f, partMasks: true));
    }
}
