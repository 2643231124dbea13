using System.Numerics;
using PocketSam.Training.Data.Scenes.Materials;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>Everything there is to paint.</summary>
/// <param name="Background">What shows where nothing is.</param>
/// <param name="Things">In order, the last in front.</param>
/// <param name="Light">Towards the light, as long as it is strong: 0 is even light, 1 is hard.</param>
internal sealed record Scene(Texture Background, IReadOnlyList<Thing> Things, Vector2 Light);
