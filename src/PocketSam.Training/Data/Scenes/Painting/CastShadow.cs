using System.Numerics;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>A shadow on whatever is behind a thing; no mask contains it.</summary>
/// <param name="Offset">From the thing to its shadow, in pixels.</param>
/// <param name="Softness">Blur radius in pixels.</param>
/// <param name="Strength">Share of light taken away, 0 to 1.</param>
/// <param name="Outline">The shadow's shape; the thing's own if null.</param>
internal sealed record CastShadow(Vector2 Offset, int Softness, float Strength, Outline? Outline = null);
