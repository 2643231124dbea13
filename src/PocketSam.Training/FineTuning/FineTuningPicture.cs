namespace PocketSam.Training.FineTuning;

/// <summary>A picture and all that is marked in it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Path">Its file.</param>
/// <param name="Masks">What is marked, of the picture's size.</param>
public sealed record FineTuningPicture(string Name, string Path, IReadOnlyList<Rle> Masks)
{
    /// <summary>
    /// What decides whether it is learned from or kept back, so that it stays what it is when others are added: by default its name; a
    /// digest of its file does not change when that moves.
    /// </summary>
    public string Key { get; init; } = Name;
}
