using System.Numerics;
using PocketSam.Training.Data.Scenes.Materials;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>The contents of a picture.</summary>
/// <param name="Background">Texture of the background.</param>
/// <param name="Things">The things, back to front.</param>
/// <param name="Light">
/// Direction towards the light; its length is the strength, 0 for even light to 1 for hard light.
/// </param>
internal sealed record Scene(Texture Background, IReadOnlyList<Thing> Things, Vector2 Light);
