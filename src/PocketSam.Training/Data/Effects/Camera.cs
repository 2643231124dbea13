using System.Numerics;

namespace PocketSam.Training.Data.Effects;

/// <summary>What lens, sensor and storage do to a whole picture, each with a probability of its own.</summary>
internal static class Camera
{
    /// <summary>Changes the picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="random">Chooses what and how much.</param>
    /// <param name="pixelScale">Size of the picture: blur is in pixels of one of 256, where it is 1.</param>
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
