using PocketSam.Segmentation;

namespace PocketSam.Training.Data;

/// <summary>
/// The pictures of a COCO-format data set. Each is decoded once and kept (three bytes a pixel, and a bit a pixel for
/// each mask), since training comes back to it many times.
/// </summary>
public sealed class CocoSource : ITrainingSource
{
    private readonly Lazy<TrainingPicture>[] _pictures;

    /// <summary>A source over all pictures with at least one mask that is not a crowd's.</summary>
    /// <exception cref="DataFormatException">There is no such picture.</exception>
    public CocoSource(CocoDataset dataset, PictureReader reader)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(reader);
        Name = dataset.Path;
        _pictures =
        [
            .. dataset.Images
                .Where(i => i.Annotations.Any(a => !a.IsCrowd))
                .Select(i => new Lazy<TrainingPicture>(() => Decode(i, reader))),
        ];
        if (_pictures.Length == 0)
            throw new DataFormatException(dataset.Path, "no picture has a mask to train on");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public TrainingPicture Draw(ulong seed) => _pictures[seed % (ulong)_pictures.Length].Value;

    private static TrainingPicture Decode(CocoImage image, PictureReader reader)
    {
        BinaryMask[] masks =
            [.. image.Annotations.Where(a => !a.IsCrowd).Select(a => a.Decode()).Where(m => m.Area > 0)];
        return new TrainingPicture(image.ReadPicture(reader), masks);
    }
}
