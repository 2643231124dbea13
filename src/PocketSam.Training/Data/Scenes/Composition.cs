using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes;

/// <summary>Arranges things to a scene: scattered, or on the ground of a landscape.</summary>
internal sealed class Composition
{
    private const float SmallestThing = 12, LargestThing = 0.9f;

    private readonly SceneOptions _options;
    private readonly RandomStream _random;
    private readonly Workshop _shop;
    private readonly List<Thing> _things = [];
    private readonly int _count;

    private Composition(SceneOptions options, RandomStream random)
    {
        (_options, _random) = (options, random);
        _shop = new Workshop(random, Math.Min(options.Width, options.Height) / 256f);

        // Few things are more frequent than many.
        float share = random.NextFloat();
        _count = options.MinThings + (int)((options.MaxThings - options.MinThings) * share * MathF.Sqrt(share));
    }

    /// <summary>Composes a scene.</summary>
    public static Scene Compose(SceneOptions options, RandomStream random)
    {
        var composition = new Composition(options, random);
        Texture background = random.Chance(0.6f) ? composition.Scatter() : composition.Landscape();
        return new Scene(background, composition._things, composition._shop.Light);
    }

    /// <summary>Scatters things of all sizes, overlapping; or many of one kind.</summary>
    private Texture Scatter()
    {
        ThingKind? only = _random.Chance(0.25f) ? ThingKind.Any(_random) : null;
        float largest = Math.Max(LargestThing * Math.Min(_options.Width, _options.Height), SmallestThing);
        float usual = largest * _random.Uniform(0.12f, 0.35f);
        List<(float Depth, Thing Thing)> placed = [];
        for (int i = 0; i < _count; i++)
        {
            // Many small things, or few larger ones.
            float size = only is not null
                ? usual * _random.Uniform(0.7f, 1.2f) : _random.PowerLaw(SmallestThing, largest, _count < 20 ? 0.8f : 1.7f);
            Thing thing = _shop.Make(
                only ?? ThingKind.Any(_random), _random.Uniform(-0.05f, 1.05f) * _options.Width,
                _random.Uniform(-0.05f, 1.05f) * _options.Height, size);

            // Large things tend to be in the background, or they would hide most others.
            placed.Add(((float)PortableMath.Log(size) + 0.6f * _random.Normal(), thing));
        }

        _things.AddRange(placed.OrderByDescending(item => item.Depth).Select(item => item.Thing));
        return Wide(_shop.Palette.Next());
    }

    /// <summary>
    /// Composes ridges in front of a sky, and things on the ground that get smaller towards the horizon.
    /// </summary>
    private Texture Landscape()
    {
        float horizon = _options.Height * _random.Uniform(0.25f, 0.65f);
        Color haze = _shop.Palette.Sky();
        int ridges = _random.Below(4);
        for (int i = 1; i <= ridges; i++)
        {
            float near = (float)i / (ridges + 1);
            Texture ridge = Wide(Color.Mix(haze, _shop.Palette.Foliage(), 0.2f + 0.6f * near));
            AddBand(horizon * (0.5f + 0.5f * near), horizon * _random.Uniform(0.02f, 0.15f), ridge);
        }

        Texture ground = Wide(_random.Chance(0.5f) ? _shop.Palette.Foliage() : _shop.Palette.Earth());
        AddBand(horizon, 0.01f * _options.Height, ground with { Stretch = 0.4f, Turns = 0 });
        float largest = _options.Height * _random.Uniform(0.4f, 1);
        float[] nearness = [.. Enumerable.Range(0, _count).Select(_ => _random.NextFloat() * _random.Uniform(0.3f, 1)).Order()];
        foreach (float near in nearness)
        {
            _things.Add(_shop.Make(
                _random.Pick<ThingKind>(ThingKind.Outdoors), _random.NextFloat() * _options.Width,
                horizon + (_options.Height - horizon) * near, Math.Max(largest * (0.08f + 0.9f * near), SmallestThing),
                isStanding: true));
        }

        return new Texture(Texture.Pattern.Gradient, haze, _shop.Palette.Near(haze, 0.5f))
        {
            Origin = new Vector2(0, 0.5f * horizon), Scale = horizon, Turns = 0.25f,
        };
    }

    /// <summary>Adds a thing over the picture's whole width with a wavy upper edge, down to its lower edge.</summary>
    private void AddBand(float top, float waviness, Texture texture)
    {
        const int Points = 24;
        float right = _options.Width + 1, bottom = _options.Height + 1;
        var corners = new Vector2[Points + 2];
        float phase = _random.NextFloat(), waves = _random.Uniform(0.5f, 3);
        for (int i = 0; i < Points; i++)
        {
            float at = i / (Points - 1f);
            float height = PortableMath.SinTurns(waves * at + phase) + 0.4f * PortableMath.SinTurns(3.3f * waves * at);
            corners[i] = new Vector2((right + 1) * at - 1, top - waviness * (height + 1));
        }

        (corners[^2], corners[^1]) = (new Vector2(right, bottom), new Vector2(-1, bottom));
        _things.Add(new Thing { Parts = { new Part(new Outline(Frame.Pixels).Polygon(corners), texture) } });
    }

    /// <summary>A texture for a surface of the picture's size.</summary>
    private Texture Wide(Color color) => _shop.NewTexture(color, 0.4f * _options.Height);
}
