using System.Numerics;

namespace PocketSam.Training.Data.Effects;

/// <summary>Simulates the effects of lens, sensor and storage on a picture, each with its own probability.</summary>
internal static class Camera
{
    /// <summary>Applies the effects to a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="random">Draws the effects and their strengths.</param>
    /// <param name="pixelScale">Scale of the blur, which is in pixels of a 256-pixel picture: 1 for that size.</param>
    public static void Develop(PlanarImage image, RandomStream random, float pixelScale)
    {
        if (random.Chance(0.6f))
        {
            new ColorGrade
            {
                Brightness = random.Uniform(0.75f, 1.2f),
                Contrast = random.Uniform(0.6f, 1.25f),
                Saturation = random.Chance(0.04f) ? 0 : random.Uniform(0.55f, 1.3f),
                Gamma = random.Uniform(0.75f, 1.35f),
                Cast = new Vector3(
                    random.Uniform(0.88f, 1.12f), random.Uniform(0.92f, 1.08f), random.Uniform(0.88f, 1.12f)),
            }.Apply(image);
        }

        if (random.Chance(0.3f))
            Vignette.Apply(image, random.Uniform(0.1f, 0.5f));
        if (random.Chance(0.5f))
            GaussianBlur.Apply(image, random.Uniform(0.3f, 0.9f) * pixelScale);
        if (random.Chance(0.5f))
            SensorNoise.Apply(image, random.Uniform(0.5f, 9), random.Uniform(0, 4), random);
        if (random.Chance(0.5f))
            JpegArtifacts.Apply(image, random.Between(35, 95), halveChroma: random.Chance(0.7f));
    }
}
