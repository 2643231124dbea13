using System.Numerics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data;

/// <summary>
/// Augments training pictures by random crops, mirroring, colour changes and image artefacts. The result depends only
/// on the source, the options, the size and the seed. Thread-safe.
/// </summary>
public sealed class Augmentation
{
    // Largest number of crops drawn until one shows a mask.
    private const int MaxDraws = 6;

    /// <summary>
    /// Side of a closer look over the longest side of the object's box, drawn from this range; and the least side.
    /// </summary>
    private const float LeastMargin = 1.2f, MostMargin = 3, LeastZoomSide = 64;

    private readonly AugmentationOptions _options;

    /// <summary>Creates an augmentation of the given strength.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its documented range.</exception>
    public Augmentation(AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>
    /// Augments a picture to a longest side of exactly <paramref name="size"/>, with the masks that remain visible.
    /// </summary>
    /// <param name="source">The source picture, which is not changed.</param>
    /// <param name="size">Longest side of the result in pixels, at least 8.</param>
    /// <param name="seed">The same seed gives the same result.</param>
    /// <param name="sideMultiple">
    /// Both sides of the result are multiples of this; it must divide <paramref name="size"/>.
    /// </param>
    public TrainingPicture Apply(TrainingPicture source, int size, ulong seed, int sideMultiple = 1)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 8);

        RandomStream random = new(seed);
        CropWindow window = DrawWindow(source, random, out List<BinaryMask> shown);
        (int width, int height) = window.SizeFor(size, sideMultiple);
        CropResampler resampler = new(source.Image.Width, source.Image.Height, window, width, height);

        List<BinaryMask> masks = new(shown.Count);
        foreach (BinaryMask mask in shown)
        {
            BinaryMask resized = resampler.Resize(mask);
            if (resized.Area >= _options.MinMaskArea)
                masks.Add(resized);
        }

        using PlanarImage image = resampler.Resize(source.Image);
        ChangeColors(image, random);
        AddFlaws(image, random);
        return new TrainingPicture(image.ToRgb(), masks);
    }

    private CropWindow DrawWindow(TrainingPicture source, RandomStream random, out List<BinaryMask> shown)
    {
        int[] areas = new int[source.Masks.Count];
        for (int i = 0; i < areas.Length; i++)
            areas[i] = source.Masks[i].Area;

        CropWindow window = default;
        shown = [];
        bool zooms = _options.ZoomProbability > 0 && areas.Length > 0 && random.Chance(_options.ZoomProbability);
        for (int draw = 0; draw < MaxDraws && (draw == 0 || shown.Count == 0 && areas.Length > 0); draw++)
        {
            window = zooms
                ? DrawCloserLook(source.Masks[random.Below(areas.Length)].Bounds, source.Image.Width, source.Image.Height, random)
                : DrawWindow(source.Image.Width, source.Image.Height, random);
            for (int i = 0; i < areas.Length; i++)
            {
                int inside = window.Count(source.Masks[i]);
                if (inside > 0 && inside >= _options.MinVisibleFraction * areas[i])
                    shown.Add(source.Masks[i]);
            }
        }

        return window;
    }

    private CropWindow DrawCloserLook(PixelBox box, int sourceWidth, int sourceHeight, RandomStream random)
    {
        float side = MathF.Max(LeastZoomSide, Math.Max(box.Width, box.Height) * random.LogUniform(LeastMargin, MostMargin));
        float width = MathF.Min(side, sourceWidth), height = MathF.Min(side, sourceHeight);
        return new CropWindow(
            Start(box.X, box.Right, width, sourceWidth), Start(box.Y, box.Bottom, height, sourceHeight), width, height,
            random.Chance(_options.FlipProbability));

        float Start(int first, int end, float length, int all)
        {
            float least = MathF.Max(0, end - length), most = MathF.Min(first, all - length);
            return least + random.NextFloat() * MathF.Max(0, most - least);
        }
    }

    private CropWindow DrawWindow(int sourceWidth, int sourceHeight, RandomStream random)
    {
        float side = Math.Max(sourceWidth, sourceHeight) * random.Uniform(_options.MinScale, _options.MaxScale);
        float aspect = random.LogUniform(1 / (1 + _options.AspectJitter), 1 + _options.AspectJitter);
        float width = Math.Clamp(side * MathF.Sqrt(aspect), 1, sourceWidth);
        float height = Math.Clamp(side / MathF.Sqrt(aspect), 1, sourceHeight);
        return new CropWindow(
            random.NextFloat() * (sourceWidth - width), random.NextFloat() * (sourceHeight - height), width, height,
            random.Chance(_options.FlipProbability));
    }

    private void ChangeColors(PlanarImage image, RandomStream random)
    {
        float strength = _options.ColorJitter;
        bool gray = random.Chance(_options.GrayscaleProbability);
        if (strength == 0 && !gray)
            return;

        float Factor(float range) => 1 + random.Uniform(-range, range) * strength;
        new ColorGrade
        {
            Brightness = Factor(0.4f),
            Contrast = Factor(0.4f),
            Saturation = Factor(0.4f) * (gray ? 0 : 1),
            HueTurns = random.Uniform(-0.06f, 0.06f) * strength,
            Gamma = Factor(0.3f),
            Cast = gray ? Vector3.One : new Vector3(Factor(0.1f), Factor(0.1f), Factor(0.1f)),
        }.Apply(image);
    }

    private void AddFlaws(PlanarImage image, RandomStream random)
    {
        if (random.Chance(_options.BlurProbability))
            GaussianBlur.Apply(image, random.Uniform(0.3f, 1.2f));
        if (random.Chance(_options.NoiseProbability))
            SensorNoise.Apply(image, random.Uniform(1, 8), random.Uniform(0, 4), random);
        if (random.Chance(_options.JpegProbability))
            JpegArtifacts.Apply(image, random.Between(30, 95), halveChroma: random.Chance(0.6f));
    }
}
