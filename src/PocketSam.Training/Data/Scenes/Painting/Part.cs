using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>One surface of a thing.</summary>
/// <param name="Outline">Its shape.</param>
/// <param name="Texture">Its look.</param>
/// <param name="Bulge">0 is flat; 1 turns away from the light like a ball.</param>
internal sealed record Part(Outline Outline, Texture Texture, float Bulge = 0);
