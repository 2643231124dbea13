using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>Decides what of a scene is out of focus.</summary>
internal static class Focus
{
    /// <summary>Now and then blurs the background, and less strongly some of the things at the back.</summary>
    public static Scene Set(Stage stage, Scene scene, float probability = 0.25f)
    {
        RandomStream random = stage.Random;
        if (!random.Chance(probability) || !stage.CameraEffects)
            return scene;

        bool backgroundOnly = random.Chance(0.5f);
        float sigma = random.LogUniform(0.7f, backgroundOnly ? 4 : 1.8f) * stage.PixelScale;
        int firstSharp = backgroundOnly ? 0 : random.Below(scene.Things.Count / 2 + 1);
        return scene with { Defocus = sigma, FirstSharp = firstSharp };
    }
}
