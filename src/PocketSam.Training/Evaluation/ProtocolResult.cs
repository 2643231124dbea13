namespace PocketSam.Training.Evaluation;

/// <summary>The result of one protocol.</summary>
/// <param name="MeanIou">Mean IoU of the mask that is shown first, 0 to 1.</param>
/// <param name="AcceptedShare">Fraction of masks whose IoU is at least <see cref="AcceptedIou"/>, 0 to 1.</param>
/// <param name="OracleMeanIou">Mean IoU of the best of several predicted masks, 0 to 1; null if one mask is
/// predicted.</param>
public sealed record ProtocolResult(double MeanIou, double AcceptedShare, double? OracleMeanIou = null)
{
    /// <summary>The IoU from which a mask counts as acceptable without correction.</summary>
    public const double AcceptedIou = 0.7;
}
