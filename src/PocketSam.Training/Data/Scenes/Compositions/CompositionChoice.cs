using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>All compositions and how often each is chosen.</summary>
internal static class CompositionChoice
{
    private static readonly Composition[] Compositions = [Scatter.Compose];

    private static readonly float[] Weights = [1];

    public static Scene Compose(Stage stage) => Compositions[stage.Random.PickWeighted(Weights)](stage);
}
