using PocketSam.Cli.Reports;

namespace PocketSam.Cli.Everything;

/// <summary>A model that finds all masks of a picture.</summary>
internal abstract class MaskFinder
{
    /// <summary>The model and its input size.</summary>
    public abstract ModelReport Model { get; }

    /// <summary>Tells runs apart whose masks may differ: weights and options.</summary>
    public abstract string Request { get; }

    /// <summary>The masks of a picture, and a line that says why there are none.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops the work.</param>
    public abstract (IReadOnlyList<GeneratedMask> Masks, string WhyNone) Find(
        RgbImage image, IProgress<double> progress, CancellationToken cancellation);
}
