namespace PocketSam.Training.FineTuning;

/// <summary>A picture with its annotated masks.</summary>
/// <param name="Name">Name of the picture.</param>
/// <param name="Path">Path of the picture.</param>
/// <param name="Masks">The masks of its objects, of the picture's size.</param>
public sealed record FineTuningPicture(string Name, string Path, IReadOnlyList<Rle> Masks)
{
    /// <summary>
    /// Determines whether the picture is for training or held out, independent of the other pictures. By default its
    /// name; a digest of the file does not change when the file is moved.
    /// </summary>
    public string Key { get; init; } = Name;
}
