using PocketSam.Cli.Reports;

namespace PocketSam.Cli.Everything;

/// <summary>A model that finds all masks of a picture.</summary>
internal abstract class MaskFinder
{
    /// <summary>The model and its input size.</summary>
    public abstract ModelReport Model { get; }

    /// <summary>Identifies weights and options: runs with equal requests find the same masks.</summary>
    public abstract string Request { get; }

    /// <summary>Finds the masks of a picture, and a line that explains an empty result.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="progress">Receives the fraction done, 0 to 1.</param>
    /// <param name="cancellation">Stops the work.</param>
    public abstract (IReadOnlyList<GeneratedMask> Masks, string WhyNone) Find(
        RgbImage image, IProgress<double> progress, CancellationToken cancellation);
}
