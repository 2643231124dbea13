namespace PocketSam;

/// <summary>Progress of <see cref="MaskGenerator"/>.</summary>
/// <param name="Crop">Number of the present crop, from 1.</param>
/// <param name="Crops">Number of crops, including the whole picture.</param>
/// <param name="PointsDone">Points of this crop that are done or skipped.</param>
/// <param name="Points">Points of this crop.</param>
/// <param name="Masks">Masks kept so far, before the final suppression of duplicates.</param>
public readonly record struct MaskGeneratorProgress(int Crop, int Crops, int PointsDone, int Points, int Masks)
{
    /// <summary>Counts of the candidates of all crops so far, by outcome.</summary>
    public MaskGeneratorTally Tally { get; init; }

    /// <summary>The fraction of the work that is done, 0 to 1.</summary>
    public double Fraction => (Crop - 1 + (Points == 0 ? 1 : (double)PointsDone / Points)) / Crops;
}
