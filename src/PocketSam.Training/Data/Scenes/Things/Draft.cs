using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>A thing under construction, in coordinates from -1 to 1 with its top at y = -1.</summary>
/// <param name="shop">The picture's random numbers and colours.</param>
/// <param name="frame">Its place in the picture.</param>
/// <param name="coat">The texture of most of its parts.</param>
internal sealed class Draft(Workshop shop, Frame frame, Texture coat)
{
    public Thing Thing { get; } = new();

    public RandomStream Random => shop.Random;

    public Palette Palette => shop.Palette;

    /// <summary>An empty outline in the thing's coordinates.</summary>
    public Outline Outline => new(frame);

    /// <summary>Adds a part with the thing's own texture in front of the previous parts.</summary>
    public void Add(Outline outline, float bulge = 0.7f) => Add(outline, coat, bulge);

    /// <summary>Adds a part with a new texture of the given colour in front of the previous parts.</summary>
    public void Add(Outline outline, Color color, float bulge = 0.4f) => Add(outline, shop.NewTexture(color, 2 * frame.Unit), bulge);

    public void Add(Outline outline, Texture texture, float bulge)
        => Thing.Parts.Add(new Part(outline, texture with { Origin = frame.Origin }, bulge));
}
