using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>All compositions and how often each is chosen.</summary>
internal static class CompositionChoice
{
    private static readonly Composition[] Compositions =
    [
        Scatter.Compose, Landscape.Compose, Room.Compose, CloseUp.Compose, Colony.Compose, Aerial.Compose,
        Shelves.Compose,
    ];

    private static readonly float[] Weights = [3, 2.2f, 1.7f, 1.6f, 1, 0.8f, 0.7f];

    public static Scene Compose(Stage stage) => Compositions[stage.Random.PickWeighted(Weights)](stage);
}
