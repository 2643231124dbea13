using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>Thinks up material recipes, and cuts materials from them to the frame of a thing.</summary>
internal sealed class Tailor(RandomStream random, Palette palette, bool textures, float pixelScale)
{
    // Flat, Linear, Radial, Noise, Stripes, Checks, Plaid, Bricks, Dots
    private static readonly float[] KindWeights = [2.6f, 2.2f, 0.7f, 4.2f, 1.1f, 0.4f, 0.4f, 0.4f, 0.4f];

    public Palette Palette => palette;

    /// <summary>Any recipe whose main colour is near the given one.</summary>
    public MaterialRecipe Recipe(Color color, float size)
    {
        PatternKind kind = (PatternKind)random.PickWeighted(KindWeights);
        return Recipe(kind, color, size);
    }

    /// <summary>A recipe of the given kind for a thing of about <paramref name="size"/> pixels.</summary>
    public MaterialRecipe Recipe(PatternKind kind, Color color, float size)
    {
        float contrast = kind is PatternKind.Linear or PatternKind.Radial
            ? random.Uniform(0.1f, 0.5f)
            : random.Uniform(0.12f, 1) * random.Uniform(0.4f, 1);
        Color other = random.Chance(0.3f) ? palette.Next() : palette.Near(color, contrast);
        Color middle = Color.Mix(color, other, random.Uniform(0.3f, 0.7f));
        NoiseTile tile = random.Pick<NoiseTile>(
            [NoiseTile.Cloud, NoiseTile.Cloud, NoiseTile.Grain, NoiseTile.Vein, NoiseTile.Spots, NoiseTile.Mosaic]);
        float scale = kind switch
        {
            PatternKind.Linear or PatternKind.Radial => random.Uniform(0.7f, 2),
            PatternKind.Noise => random.LogUniform(0.15f, 1.2f) * pixelScale,
            _ => Math.Max(size * random.LogUniform(0.05f, 0.35f), 3f),
        };
        MaterialRecipe recipe = new(
            kind, (color, middle, other), scale, Angle(), Elongation(kind), tile,
            random.NextFloat() * random.NextFloat(),
            random.Uniform(0.3f, 0.7f));
        return WithMarkings(WithDetail(recipe), color, size);
    }

    /// <summary>Hair: fine detail drawn out along one direction, perhaps with patches of another colour.</summary>
    public MaterialRecipe Fur(Color color, float size)
    {
        MaterialRecipe coat = Recipe(random.Chance(0.2f) ? PatternKind.Stripes : PatternKind.Noise, color, size);
        return coat with
        {
            DetailStrength = random.Uniform(0.1f, 0.35f),
            DetailTile = NoiseTile.Grain,
            DetailScale = random.Uniform(0.3f, 0.6f) * pixelScale,
            DetailStretch = random.Uniform(2.5f, 6),
        };
    }

    /// <summary>Nearly the same coat: what hides a thing before its background.</summary>
    public MaterialRecipe Disguise(MaterialRecipe behind)
    {
        float factor = random.Uniform(0.86f, 1.16f);
        (Color low, Color middle, Color high) = behind.Ramp;
        return behind with
        {
            Ramp = (low.Times(factor).Rounded(), middle.Times(factor), high.Times(factor)),
            Scale = behind.Kind == PatternKind.Noise ? behind.Scale * random.Uniform(0.7f, 1.4f) : behind.Scale,
            Turns = behind.Turns + random.Uniform(-0.1f, 0.1f),
        };
    }

    /// <summary>The same recipe in somewhat other colours: one of many of a kind.</summary>
    public MaterialRecipe Sibling(MaterialRecipe recipe, float distance)
    {
        Color low = palette.Near(recipe.Ramp.Low, distance);
        Color high = palette.Near(recipe.Ramp.High, distance);
        return recipe with { Ramp = (low, Color.Mix(low, high, 0.5f), high) };
    }

    /// <summary>
    /// The material at a place of its own on noise and pattern; without textures the recipe's low colour.
    /// </summary>
    public Material Cut(MaterialRecipe recipe, Frame frame)
    {
        if (!textures)
            return Material.Flat(recipe.Ramp.Low);

        float unit = Math.Max(frame.Unit, 1);
        return new Material
        {
            Ramp = recipe.Ramp,
            Base = BasePattern(recipe, frame, unit),
            Markings = recipe.MarkingColor == null
                ? null
                : new NoisePattern(
                    recipe.MarkingTile, Scattered(frame, recipe.MarkingScale, recipe.Turns, 1), 1 - recipe.MarkingShare,
                    14),
            MarkingColor = recipe.MarkingColor ?? default,
            Detail = recipe.DetailStrength == 0
                ? null
                : new NoisePattern(
                    recipe.DetailTile, Scattered(frame, recipe.DetailScale, recipe.Turns, recipe.DetailStretch), 0.5f,
                    1.3f),
            DetailStrength = recipe.DetailStrength,
        };
    }

    private Pattern? BasePattern(MaterialRecipe recipe, Frame frame, float unit)
    {
        float soft = 1.2f / recipe.Scale;
        PatternSpace Space() => PatternSpace.At(
            frame.Origin.X, frame.Origin.Y, recipe.Scale, recipe.Turns, recipe.Stretch, random.NextFloat(),
            random.NextFloat());

        return recipe.Kind switch
        {
            PatternKind.Linear => new GradientPattern(
                PatternSpace.At(frame.Origin.X, frame.Origin.Y, 2 * recipe.Scale * unit, recipe.Turns, originU: 0.5f),
                radial: false),
            PatternKind.Radial => new GradientPattern(
                PatternSpace.At(
                    frame.Origin.X, frame.Origin.Y, recipe.Scale * unit, recipe.Turns,
                    originU: random.Uniform(-0.3f, 0.3f),
                    originV: random.Uniform(-0.3f, 0.3f)),
                radial: true),
            PatternKind.Noise => new NoisePattern(
                recipe.Tile, Scattered(frame, recipe.Scale, recipe.Turns, recipe.Stretch), 1 - recipe.Share,
                2 + 14 * recipe.Sharpness),
            PatternKind.Stripes => new StripePattern(
                Space(), recipe.Share, soft + 0.3f * recipe.Sharpness, recipe.Stretch - 1),
            PatternKind.Checks => new CheckPattern(Space(), plaid: false, soft),
            PatternKind.Plaid => new CheckPattern(Space(), plaid: true, soft),
            PatternKind.Bricks => new BrickPattern(Space(), 0.06f, recipe.Share > 0.5f ? 0.5f : 0, soft),
            PatternKind.Dots => new DotPattern(Space(), 0.5f * recipe.Share, soft),
            _ => null,
        };
    }

    /// <summary>A random place on a noise tile.</summary>
    private PatternSpace Scattered(Frame frame, float scale, float turns, float stretch)
        => PatternSpace.At(
            frame.Origin.X, frame.Origin.Y, scale, turns, stretch, NoiseTile.Size * random.NextFloat(),
            NoiseTile.Size * random.NextFloat());

    /// <summary>Level or upright more often than not.</summary>
    private float Angle() => random.Chance(0.6f) ? 0.25f * random.Below(2) : random.NextFloat();

    private float Elongation(PatternKind kind) => kind switch
    {
        PatternKind.Noise => random.Chance(0.3f) ? random.LogUniform(1.5f, 8) : 1,
        PatternKind.Bricks => random.Uniform(0.3f, 1),
        PatternKind.Stripes => random.Chance(0.4f) ? random.Uniform(1.3f, 3) : 1,
        _ => 1,
    };

    private MaterialRecipe WithDetail(MaterialRecipe recipe)
    {
        if (random.Chance(0.45f))
            return recipe;

        return recipe with
        {
            DetailStrength = random.Uniform(0.03f, 0.3f),
            DetailTile = random.Pick<NoiseTile>([NoiseTile.Grain, NoiseTile.Grain, NoiseTile.Cloud, NoiseTile.Vein]),
            DetailScale = random.LogUniform(0.25f, 1) * pixelScale,
            DetailStretch = random.Chance(0.25f) ? random.Uniform(2, 8) : 1,
        };
    }

    private MaterialRecipe WithMarkings(MaterialRecipe recipe, Color color, float size)
    {
        if (random.Chance(0.8f))
            return recipe;

        return recipe with
        {
            MarkingColor = random.Chance(0.4f) ? palette.Next() : palette.Near(color, 0.7f),
            MarkingTile = random.Pick<NoiseTile>([NoiseTile.Cloud, NoiseTile.Spots, NoiseTile.Vein]),
            MarkingScale = Math.Max(size * random.LogUniform(0.004f, 0.02f), 0.1f),
            MarkingShare = random.Uniform(0.3f, 0.6f),
        };
    }
}
