namespace PocketSam.Training.Evaluation;

/// <summary>What was measured under one protocol.</summary>
/// <param name="MeanIou">Mean intersection over union of the mask the model ranks first.</param>
/// <param name="OracleMeanIou">The same of the best mask of those offered, where several were.</param>
public sealed record ProtocolResult(double MeanIou, double? OracleMeanIou = null);
