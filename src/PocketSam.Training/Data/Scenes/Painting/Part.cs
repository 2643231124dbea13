using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>One surface of a thing.</summary>
/// <param name="Outline">Its shape.</param>
/// <param name="Texture">Its texture.</param>
/// <param name="Bulge">Curvature for shading: 0 is flat, 1 is shaded like a ball.</param>
internal sealed record Part(Outline Outline, Texture Texture, float Bulge = 0);
