using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>A kind of thing: how to make it, how often, and what shape of frame suits it.</summary>
/// <param name="Maker">Makes one.</param>
/// <param name="Weight">How often, relative to the other kinds of the same list.</param>
/// <param name="MinAspect">Smallest width of its frame over the height.</param>
/// <param name="MaxAspect">Largest.</param>
/// <param name="AnyWayUp">Whether it may be turned at will; otherwise it stands upright, give or take.</param>
internal sealed record ThingKind(
    ThingMaker Maker, float Weight, float MinAspect, float MaxAspect, bool AnyWayUp = false)
{
    /// <summary>
    /// A thing of this kind centred at (x, y) whose frame's longest side is <paramref name="size"/> pixels.
    /// </summary>
    public Thing Make(Stage stage, float x, float y, float size)
    {
        RandomStream random = stage.Random;
        float aspect = random.LogUniform(MinAspect, MaxAspect);
        float halfWidth = 0.5f * size * Math.Min(1, aspect);
        float halfHeight = 0.5f * size * Math.Min(1, 1 / aspect);
        float turns = AnyWayUp ? random.NextFloat() : 0.02f * random.Normal();
        if (!AnyWayUp && random.Chance(0.12f))
            turns = random.NextFloat();
        Frame frame = Frame.Turned(x, y, halfWidth, halfHeight, turns);
        return Maker(stage, random.Chance(0.5f) ? frame : frame.Mirrored());
    }

    /// <summary>A thing of this kind standing upright with its foot at (x, y), and its shadow on the ground.</summary>
    public Thing Stand(Stage stage, float x, float y, float size)
    {
        RandomStream random = stage.Random;
        float aspect = random.LogUniform(MinAspect, MaxAspect);
        float halfWidth = 0.5f * size * Math.Min(1, aspect);
        float halfHeight = 0.5f * size * Math.Min(1, 1 / aspect);
        Frame frame = Frame.Upright(x, y - halfHeight, halfWidth, halfHeight);
        Thing thing = Maker(stage, random.Chance(0.5f) ? frame : frame.Mirrored());
        thing.Shadow = stage.GroundShadow(frame);
        return thing;
    }
}
