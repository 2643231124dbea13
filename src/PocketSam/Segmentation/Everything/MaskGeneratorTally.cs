using System.Globalization;

namespace PocketSam;

/// <summary>
/// Counts of the candidates of a <see cref="MaskGenerator"/> by
/// outcome; each candidate counts for the first rule that drops it.
/// </summary>
/// <param name="Candidates">Masks of the model: three for each point with most models.</param>
/// <param name="LowPredictedIou">Masks not above <see cref="MaskGeneratorOptions.PredIouThresh"/>.</param>
/// <param name="Empty">Masks without a pixel.</param>
/// <param name="Unstable">Masks below <see cref="MaskGeneratorOptions.StabilityScoreThresh"/>.</param>
/// <param name="Cut">Masks cut by an edge of a crop.</param>
public readonly record struct MaskGeneratorTally(int Candidates, int LowPredictedIou, int Empty, int Unstable, int Cut)
{
    /// <summary>Candidates that no rule drops; suppression keeps the best of duplicates among them.</summary>
    public int Kept => Candidates - LowPredictedIou - Empty - Unstable - Cut;

    /// <summary>The sum of two tallies.</summary>
    public static MaskGeneratorTally operator +(MaskGeneratorTally a, MaskGeneratorTally b) => new(
        a.Candidates + b.Candidates, a.LowPredictedIou + b.LowPredictedIou, a.Empty + b.Empty, a.Unstable + b.Unstable, a.Cut + b.Cut);

    /// <summary>One line that says why candidates were dropped.</summary>
    /// <param name="options">The generator's options, <see cref="MaskGenerator.Options"/>.</param>
    public string Describe(MaskGeneratorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"of {Candidates} candidates {LowPredictedIou} are below predicted IoU {options.PredIouThresh:0.###}, {Unstable} below stability "
            + $"{options.StabilityScoreThresh:0.###}, {Empty} are empty, {Cut} cut by a crop");
    }
}
