namespace PocketSam.Training.Evaluation;

/// <summary>What was measured under one protocol.</summary>
/// <param name="MeanIou">Mean intersection over union of the mask that is shown first.</param>
/// <param name="AcceptedShare">Share of the masks whose intersection over union is at least <see cref="AcceptedIou"/>.</param>
/// <param name="OracleMeanIou">Mean intersection over union of the best mask of those offered, where several were.</param>
public sealed record ProtocolResult(double MeanIou, double AcceptedShare, double? OracleMeanIou = null)
{
    /// <summary>From this intersection over union on a person would take a mask as it is.</summary>
    public const double AcceptedIou = 0.7;
}
