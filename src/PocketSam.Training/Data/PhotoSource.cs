namespace PocketSam.Training.Data;

/// <summary>
/// Pictures without masks, from which a student learns its teacher's embeddings. Those drawn last are kept decoded
/// within a memory budget, as in <see cref="CocoSource"/>.
/// </summary>
public sealed class PhotoSource : ITrainingSource
{
    private readonly string[] _paths;
    private readonly PictureCache _pictures;
    private readonly UsablePictures _usable;

    /// <param name="name">The name of the pictures in logs and messages.</param>
    /// <param name="paths">The files, in an order that is always the same.</param>
    /// <param name="reader">
    /// Decodes the pictures; called from several threads, but not for the same picture at once.
    /// </param>
    /// <param name="memoryBudget">Budget for decoded pictures in bytes; 0 keeps none.</param>
    /// <param name="failures">
    /// Receives pictures that cannot be used; the next one replaces each. If null, the first one throws.
    /// </param>
    /// <exception cref="ArgumentException">There is no file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The budget is negative.</exception>
    public PhotoSource(
        string name, IReadOnlyList<string> paths, PictureReader reader, long memoryBudget = CocoSource.DefaultMemoryBudget,
        PictureFailures? failures = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBudget);
        if (paths.Count == 0)
            throw new ArgumentException($"{name}: there is no picture");
        Name = name;
        _paths = [.. paths];
        _pictures = new PictureCache(number => new TrainingPicture(reader(_paths[number]), []), memoryBudget);
        _usable = new UsablePictures(name, number => _paths[number], failures);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool HasMasks => false;

    /// <inheritdoc/>
    public TrainingPicture Draw(ulong seed) => _usable.Draw(UsablePictures.Cycle(_paths.Length, seed), _pictures.Get);
}
