using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Painting;

namespace PocketSam.Training.Data.Scenes;

/// <summary>
/// Generates training pictures with exact masks: textured things of many shapes and sizes that occlude each other. A
/// mask is the visible part of a thing or of a part of one. A seed gives the same picture on every machine.
/// Thread-safe.
/// </summary>
public sealed class SceneGenerator : ITrainingSource
{
    private readonly SceneOptions _options;

    /// <summary>Creates a generator for pictures of one size and style.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its documented range.</exception>
    public SceneGenerator(SceneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "scenes";

    /// <summary>
    /// Draws the picture of a seed. A thing's mask comes before those of its parts. There is no mask if nothing is
    /// large enough.
    /// </summary>
    public TrainingPicture Draw(ulong seed)
    {
        RandomStream random = new(seed), cameraRandom = new(random.NextBits());
        Scene scene = Composition.Compose(_options, random);
        var canvas = new SceneCanvas(_options.Width, _options.Height);
        using PlanarImage image = canvas.Paint(scene, _options.Flat);
        List<BinaryMask> masks =
            canvas.Ownership.Masks(_options.MinMaskArea, _options.MinVisibleFraction, _options.PartMasks);
        if (!_options.Flat)
            Camera.Develop(image, cameraRandom, Math.Min(_options.Width, _options.Height) / 256f);
        return new TrainingPicture(image.ToRgb(), masks);
    }
}
