namespace PocketSam.Training.Data;

/// <summary>
/// The pictures of a COCO-format data set. Training comes back to each many times, so those drawn last are kept decoded
/// (three bytes a pixel, and a bit a pixel for each mask) as far as they fit into a memory budget. Which picture belongs
/// to which number does not depend on the budget.
/// </summary>
public sealed class CocoSource : ITrainingSource
{
    /// <summary>Bytes of decoded pictures kept by default: 2 GiB.</summary>
    public const long DefaultMemoryBudget = 2L << 30;

    private readonly CocoImage[] _images;
    private readonly PictureReader _reader;
    private readonly PictureCache _pictures;
    private readonly UsablePictures _usable;

    /// <summary>A source over all pictures with at least one mask that is not a crowd's.</summary>
    /// <param name="dataset">The pictures and their masks.</param>
    /// <param name="reader">Decodes the pictures; called from several threads, but not for the same picture at once.</param>
    /// <param name="memoryBudget">Most bytes of decoded pictures to keep; 0 keeps none.</param>
    /// <param name="failures">
    /// Takes pictures that cannot be used; in the place of each comes the next of the data set. Null ends at the first.
    /// </param>
    /// <exception cref="DataFormatException">There is no such picture.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The budget is negative.</exception>
    public CocoSource(
        CocoDataset dataset, PictureReader reader, long memoryBudget = DefaultMemoryBudget, PictureFailures? failures = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBudget);
        Name = dataset.Path;
        _reader = reader;
        _images = [.. dataset.Images.Where(image => image.HasMasks)];
        if (_images.Length == 0)
            throw new DataFormatException(dataset.Path, "no picture has a mask to train on" + PictureFailures.LeftOut(dataset));
        _pictures = new PictureCache(Decode, memoryBudget);
        _usable = new UsablePictures(Name, number => _images[number].Path, failures);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public TrainingPicture Draw(ulong seed)
    {
        int first = (int)(seed % (ulong)_images.Length);
        return _usable.Draw(Enumerable.Range(0, _images.Length).Select(i => (first + i) % _images.Length), _pictures.Get);
    }

    private TrainingPicture Decode(int number)
    {
        CocoImage image = _images[number];
        return new TrainingPicture(image.ReadPicture(_reader), [.. image.DecodeMasks(minArea: 1)]);
    }
}
