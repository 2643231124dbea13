namespace PocketSam;

/// <summary>How far <see cref="MaskGenerator"/> has come.</summary>
/// <param name="Crop">Number of the crop it works on, from 1.</param>
/// <param name="Crops">Crops in all, the whole picture among them.</param>
/// <param name="PointsDone">Points of this crop that were asked for or need not be.</param>
/// <param name="Points">Points of this crop in all.</param>
/// <param name="Masks">Masks kept so far, before the last suppression of duplicates.</param>
public readonly record struct MaskGeneratorProgress(int Crop, int Crops, int PointsDone, int Points, int Masks)
{
    /// <summary>What became of the candidates of all crops so far.</summary>
    public MaskGeneratorTally Tally { get; init; }

    /// <summary>Share of the work that is done, 0 to 1.</summary>
    public double Fraction => (Crop - 1 + (Points == 0 ? 1 : (double)PointsDone / Points)) / Crops;
}
