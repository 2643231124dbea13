using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>What makers of things share within one picture: chance, colours, light, and what is behind.</summary>
internal sealed class Stage
{
    private readonly SceneOptions _options;

    public Stage(SceneOptions options, RandomStream random)
    {
        _options = options;
        Random = random;
        PixelScale = Math.Min(options.Width, options.Height) / 256f;
        Tailor = new Tailor(random, new Palette(random), options.Textures, PixelScale);
        float turns = random.Chance(0.75f) ? random.Uniform(0.55f, 0.95f) : random.NextFloat();
        Light = new Light(
            new Vector2(PortableMath.CosTurns(turns), PortableMath.SinTurns(turns)),
            options.Lighting ? random.Uniform(0.15f, 1) : 0);
        Backdrop = MaterialRecipe.Flat(Palette.Next());
    }

    public RandomStream Random { get; }

    public Tailor Tailor { get; }

    public Palette Palette => Tailor.Palette;

    public Light Light { get; }

    /// <summary>The coat of the largest surface behind the things; camouflage imitates it.</summary>
    public MaterialRecipe Backdrop { get; set; }

    /// <summary>While set, things of one piece wear coats near this one: many of a kind.</summary>
    public MaterialRecipe? Uniform { get; set; }

    public int Width => _options.Width;

    public int Height => _options.Height;

    public bool CameraEffects => _options.CameraEffects;

    /// <summary>1 in a picture of 256 pixels.</summary>
    public float PixelScale { get; }

    /// <summary>A size in pixels for the next thing.</summary>
    public float NextSize()
    {
        float largest = Math.Max(_options.MaxThingSize * Math.Min(Width, Height), _options.MinThingSize);
        return Random.PowerLaw(_options.MinThingSize, largest, _options.SizeExponent);
    }

    /// <summary>How many things to place: more often few than many.</summary>
    public int NextCount()
    {
        float share = Random.NextFloat();
        return _options.MinThings + (int)((_options.MaxThings - _options.MinThings) * share * MathF.Sqrt(share));
    }

    /// <summary>A coat for a thing of the frame's size, now and then that of the backdrop.</summary>
    public MaterialRecipe NextCoat(Frame frame)
    {
        if (Uniform != null)
            return Tailor.Sibling(Uniform, 0.25f);
        return Random.Chance(_options.CamouflageProbability)
            ? Tailor.Disguise(Backdrop)
            : Tailor.Recipe(Palette.Next(), 2 * frame.Unit);
    }

    /// <summary>A part in a coat cut to the frame.</summary>
    public Part Wear(Frame frame, Outline outline, MaterialRecipe coat, Relief relief = default)
        => new(outline, Tailor.Cut(coat, frame)) { Relief = relief };

    /// <summary>A part in a new texture of about the given colour.</summary>
    public Part Wear(Frame frame, Outline outline, Color color, Relief relief = default)
        => Wear(frame, outline, Tailor.Recipe(color, 2 * frame.Unit), relief);

    /// <summary>A part of one plain colour.</summary>
    public Part Plain(Outline outline, Color color, Relief relief = default)
        => new(outline, Material.Flat(color)) { Relief = relief };

    /// <summary>A highlight, reflection or stain that belongs to no mask; nothing where lighting is off.</summary>
    public void AddTint(Thing thing, Outline outline, Color color, float opacity)
    {
        if (_options.Lighting)
            thing.With(new Part(outline, Material.Flat(color)) { Opacity = opacity });
    }

    public Relief Round() => new(Random.Uniform(0.3f, 1), Random.Uniform(0, 0.3f));

    public Relief Slanted() => new(0, Random.Uniform(0, 0.5f));

    public Relief AnyRelief() => Random.Below(3) switch
    {
        0 => Relief.None,
        1 => Slanted(),
        _ => Round(),
    };

    /// <summary>The shadow of a thing that lies close before what is behind it.</summary>
    public CastShadow? DropShadow(float size)
    {
        if (!_options.Lighting)
            return null;

        float distance = size * Random.Uniform(0.02f, 0.12f);
        int softness = (int)Math.Clamp(size * Random.Uniform(0.005f, 0.08f), 0, 16 * PixelScale);
        return new CastShadow(
            Light.Toward * -distance, softness, Random.Uniform(0.15f, 0.6f) * (0.4f + 0.6f * Light.Strength));
    }

    /// <summary>The shadow at the feet of a thing that stands on the ground, falling to the side.</summary>
    public CastShadow? GroundShadow(Frame thing)
    {
        if (!_options.Lighting)
            return null;

        float lean = -Light.Toward.X * Random.Uniform(0.2f, 0.6f);
        Outline spot = new Outline(thing)
            .Ellipse(lean, 0.95f, 0.8f + 0.5f * Math.Abs(lean), Random.Uniform(0.06f, 0.16f));
        int softness = (int)Math.Clamp(thing.Unit * 0.06f, 1, 12 * PixelScale);
        return new CastShadow(Vector2.Zero, softness, Random.Uniform(0.25f, 0.65f), spot);
    }
}
