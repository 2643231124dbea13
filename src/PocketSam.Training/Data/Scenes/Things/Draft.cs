using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>A thing in the making: it fills the frame from -1 to 1, its top at y = -1.</summary>
/// <param name="shop">Chance and colours.</param>
/// <param name="frame">Where it lies.</param>
/// <param name="coat">The texture of most of its parts.</param>
internal sealed class Draft(Workshop shop, Frame frame, Texture coat)
{
    public Thing Thing { get; } = new();

    public RandomStream Random => shop.Random;

    public Palette Palette => shop.Palette;

    /// <summary>An empty outline in the thing's coordinates.</summary>
    public Outline Outline => new(frame);

    /// <summary>A part in the thing's own coat, before those so far.</summary>
    public void Add(Outline outline, float bulge = 0.7f) => Add(outline, coat, bulge);

    /// <summary>A part in a new texture of the given colour.</summary>
    public void Add(Outline outline, Color color, float bulge = 0.4f) => Add(outline, shop.NewTexture(color, 2 * frame.Unit), bulge);

    public void Add(Outline outline, Texture texture, float bulge)
        => Thing.Parts.Add(new Part(outline, texture with { Origin = frame.Origin }, bulge));
}
