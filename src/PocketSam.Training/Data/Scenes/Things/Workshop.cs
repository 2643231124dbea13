using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Shared by all things of a picture: random numbers, colours, textures, light.</summary>
internal sealed class Workshop(RandomStream random, float pixelScale)
{
    private static readonly float[] KindWeights = [2.4f, 2.2f, 3.6f, 1, 0.5f, 0.5f];

    public RandomStream Random => random;

    public Palette Palette { get; } = new(random);

    /// <summary>Direction towards the light, mostly from above; its length is the strength, 0 to 1.</summary>
    public Vector2 Light { get; } = Frame.At(0, 0, 1, 1, random.Uniform(0.55f, 0.95f)).Across * random.Uniform(0.15f, 1);

    /// <summary>
    /// Makes a thing of a kind with its longest side <paramref name="size"/> pixels, centred at (x, y), or standing on
    /// it.
    /// </summary>
    public Thing Make(ThingKind kind, float x, float y, float size, bool isStanding = false)
    {
        float aspect = random.LogUniform(kind.MinAspect, kind.MaxAspect), turns = kind.AnyWayUp ? random.NextFloat() : 0;
        float halfWidth = 0.5f * size * Math.Min(1, aspect), halfHeight = 0.5f * size * Math.Min(1, 1 / aspect);
        if (!kind.AnyWayUp && !isStanding)
            turns = random.Chance(0.12f) ? random.NextFloat() : 0.02f * random.Normal();
        Frame frame = Frame.At(x, isStanding ? y - halfHeight : y, halfWidth, halfHeight, turns);
        var draft = new Draft(this, random.Chance(0.5f) ? frame : frame.Mirrored(), NewTexture(Palette.Next(), size));
        kind.Build(draft);
        draft.Thing.Shadow = isStanding || random.Chance(0.5f) ? random.Uniform(0.1f, 0.45f) : 0;
        return draft.Thing;
    }

    /// <summary>
    /// Makes a random texture with the given main colour, for a surface of about <paramref name="size"/> pixels.
    /// </summary>
    public Texture NewTexture(Color color, float size)
    {
        var kind = (Texture.Pattern)random.PickWeighted(KindWeights);
        bool isNoise = kind == Texture.Pattern.Noise;
        return new Texture(
            kind, color, random.Chance(0.3f) ? Palette.Next() : Palette.Near(color, random.Uniform(0.15f, 1)))
        {
            Scale = kind == Texture.Pattern.Gradient
                ? size * random.Uniform(0.7f, 2)
                : Math.Max(size * random.LogUniform(0.05f, 0.35f), 2.5f * pixelScale),
            Stretch = isNoise ? random.LogUniform(0.3f, 3) : random.Uniform(0.4f, 1),
            Turns = random.Chance(0.6f) ? 0.25f * random.Below(2) : random.NextFloat(),
            Share = random.Uniform(0.3f, 0.7f),
            Wildness = random.NextFloat() * random.NextFloat(),
            Grain = random.Chance(0.4f) ? 0 : random.Uniform(0.03f, 0.25f),
            GrainScale = random.LogUniform(0.8f, 4) * pixelScale,
            Seed = (uint)random.NextBits(),
        };
    }
}
