using System.Collections.Concurrent;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Compositions;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes;

/// <summary>
/// Makes up training pictures with exact masks: things of many shapes, sizes and textures painted over one another, so
/// that each mask is what can be seen of a thing or a part. A seed gives the same picture on every machine. May be used
/// from several threads at once.
/// </summary>
public sealed class SceneGenerator
{
    private readonly SceneOptions _options;
    private readonly ConcurrentBag<SceneCanvas> _idle = [];

    /// <summary>A generator of pictures of one size and style.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its documented range.</exception>
    public SceneGenerator(SceneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>
    /// The picture of a seed. A thing's mask comes before those of its parts; there may be no mask at all if nothing is
    /// large enough.
    /// </summary>
    public TrainingPicture Generate(ulong seed)
    {
        RandomStream random = new(seed);
        RandomStream cameraRandom = new(random.NextBits());
        Stage stage = new(_options, random);
        Scene scene = CompositionChoice.Compose(stage);

        if (!_idle.TryTake(out SceneCanvas? canvas))
            canvas = new SceneCanvas(_options.Width, _options.Height);

        using PlanarImage image = canvas.Paint(scene, _options.Antialiasing);
        List<BinaryMask> masks =
            canvas.Ownership.Masks(_options.MinMaskArea, _options.MinVisibleFraction, _options.PartMasks);
        _idle.Add(canvas);

        if (_options.CameraEffects)
            Camera.Develop(image, cameraRandom, stage.PixelScale);
        return new TrainingPicture(image.ToRgb(), masks);
    }
}
