using System.Numerics;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>The light of a picture.</summary>
/// <param name="Toward">Unit vector in the picture towards the light.</param>
/// <param name="Strength">0 is even light, 1 is hard.</param>
internal readonly record struct Light(Vector2 Toward, float Strength);
