namespace PocketSam.Training.Data;

/// <summary>
/// The pictures of a COCO data set. Those drawn last are kept decoded (three bytes per pixel, and one bit per pixel for
/// each mask) within a memory budget, since training draws each picture many times. The picture of a seed does not
/// depend on the budget.
/// </summary>
public sealed class CocoSource : ITrainingSource
{
    /// <summary>Default budget for decoded pictures in bytes: 2 GiB.</summary>
    public const long DefaultMemoryBudget = 2L << 30;

    private readonly CocoImage[] _images;
    private readonly PictureReader _reader;
    private readonly PictureCache _pictures;
    private readonly UsablePictures _usable;

    /// <summary>Creates a source of all pictures, or of those with at least one mask that is not a crowd.</summary>
    /// <param name="dataset">The pictures and their masks.</param>
    /// <param name="reader">
    /// Decodes the pictures; called from several threads, but not for the same picture at once.
    /// </param>
    /// <param name="memoryBudget">Budget for decoded pictures in bytes; 0 keeps none.</param>
    /// <param name="failures">
    /// Receives pictures that cannot be used; the next picture of the data set replaces each. If null, the first one
    /// throws.
    /// </param>
    /// <param name="unmarked">
    /// Whether pictures without a mask are drawn too, from which only a teacher's embeddings can be learned.
    /// </param>
    /// <exception cref="DataFormatException">No picture has a usable mask, and masks are needed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The budget is negative.</exception>
    public CocoSource(
        CocoDataset dataset, PictureReader reader, long memoryBudget = DefaultMemoryBudget, PictureFailures? failures = null,
        bool unmarked = false)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBudget);
        Name = dataset.Path;
        _reader = reader;
        _images = [.. dataset.Images.Where(image => unmarked || image.HasMasks)];
        if (_images.Length == 0)
            throw new DataFormatException(dataset.Path, "no picture has a mask to train on" + PictureFailures.LeftOut(dataset));
        HasMasks = _images.Any(image => image.HasMasks);
        AllHaveMasks = _images.All(image => image.HasMasks);
        _pictures = new PictureCache(Decode, memoryBudget);
        _usable = new UsablePictures(Name, number => _images[number].Path, failures);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool HasMasks { get; }

    /// <inheritdoc/>
    public bool AllHaveMasks { get; }

    /// <inheritdoc/>
    public TrainingPicture Draw(ulong seed) => _usable.Draw(UsablePictures.Cycle(_images.Length, seed), _pictures.Get);

    private TrainingPicture Decode(int number)
    {
        CocoImage image = _images[number];
        return new TrainingPicture(image.ReadPicture(_reader), [.. image.DecodeMasks(minArea: 1)]);
    }
}
