namespace PocketSam.Training.FineTuning;

/// <summary>A held-out picture with the results of the original and the tuned model.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Before">Mean IoU of its objects with the original model, over boxes and clicks; 0 to 1.</param>
/// <param name="After">The same with the tuned model.</param>
public sealed record FineTuningComparison(FineTuningPicture Picture, double Before, double After)
{
    /// <summary>
    /// The pixel of the first click on each object, in the order of <see cref="Masks"/>: column and row.
    /// </summary>
    public IReadOnlyList<(int X, int Y)> Clicks { get; init; } = [];

    /// <summary>The ground-truth mask of each object, and the masks of both models for its first click.</summary>
    public IReadOnlyList<(Rle Truth, Rle Before, Rle After)> Masks { get; init; } = [];
}
