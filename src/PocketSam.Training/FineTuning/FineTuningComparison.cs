namespace PocketSam.Training.FineTuning;

/// <summary>A picture that was kept back: what the model found in it before and what it finds now.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Before">Mean IoU of the masks of its objects before, by box and by click; 0 to 1.</param>
/// <param name="After">The same now.</param>
public sealed record FineTuningComparison(FineTuningPicture Picture, double Before, double After)
{
    /// <summary>Where each object was clicked, in the order of <see cref="Masks"/>: column and row.</summary>
    public IReadOnlyList<(int X, int Y)> Clicks { get; init; } = [];

    /// <summary>What was to be found, and what each click gave before and gives now.</summary>
    public IReadOnlyList<(Rle Truth, Rle Before, Rle After)> Masks { get; init; } = [];
}
