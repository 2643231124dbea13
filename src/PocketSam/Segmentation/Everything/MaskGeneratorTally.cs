using System.Globalization;

namespace PocketSam;

/// <summary>What became of the candidates of a <see cref="MaskGenerator"/>, each of which fell to the first rule that it met.</summary>
/// <param name="Candidates">Masks that the model offered: three at each point, of most models.</param>
/// <param name="LowPredictedIou">Those below <see cref="MaskGeneratorOptions.PredIouThresh"/>.</param>
/// <param name="Empty">Those without a pixel.</param>
/// <param name="Unstable">Those below <see cref="MaskGeneratorOptions.StabilityScoreThresh"/>.</param>
/// <param name="Cut">Those that an edge of a crop has cut.</param>
public readonly record struct MaskGeneratorTally(int Candidates, int LowPredictedIou, int Empty, int Unstable, int Cut)
{
    /// <summary>Candidates that no rule has dropped; of duplicates among them the best stay.</summary>
    public int Kept => Candidates - LowPredictedIou - Empty - Unstable - Cut;

    /// <summary>Both together.</summary>
    public static MaskGeneratorTally operator +(MaskGeneratorTally a, MaskGeneratorTally b) => new(
        a.Candidates + b.Candidates, a.LowPredictedIou + b.LowPredictedIou, a.Empty + b.Empty, a.Unstable + b.Unstable, a.Cut + b.Cut);

    /// <summary>The reason why so many were dropped, one line.</summary>
    /// <param name="options">The generator's, <see cref="MaskGenerator.Options"/>.</param>
    public string Describe(MaskGeneratorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"of {Candidates} candidates {LowPredictedIou} are below predicted IoU {options.PredIouThresh:0.###}, {Unstable} below stability "
            + $"{options.StabilityScoreThresh:0.###}, {Empty} are empty, {Cut} cut by a crop");
    }
}
