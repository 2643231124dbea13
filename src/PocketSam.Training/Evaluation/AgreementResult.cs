namespace PocketSam.Training.Evaluation;

/// <summary>How far two models agree under one protocol.</summary>
/// <param name="MeanIou">
/// Mean intersection over union of the single masks (the first mask token's) of student and teacher; null where every
/// object was left out.
/// </param>
/// <param name="FirstRankedMeanIou">
/// The same of the masks that each ranks first of three, where three were asked for.
/// </param>
/// <param name="Masks">Pairs of masks compared.</param>
/// <param name="LeftOut">Objects for which there is no such prompt.</param>
public sealed record AgreementResult(double? MeanIou, double? FirstRankedMeanIou, int Masks, int LeftOut);
