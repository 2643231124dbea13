namespace PocketSam.Training.Evaluation;

/// <summary>The agreement of two models under one protocol.</summary>
/// <param name="MeanIou">Mean IoU of the single masks (first mask token) of student and teacher, 0 to 1; null if every
/// object is left out.</param>
/// <param name="FirstRankedMeanIou">Mean IoU of the masks that each model ranks first of three, 0 to 1; null for
/// protocols with one mask.</param>
/// <param name="Masks">Number of compared pairs of masks.</param>
/// <param name="LeftOut">Number of objects that the protocol has no prompt for.</param>
public sealed record AgreementResult(double? MeanIou, double? FirstRankedMeanIou, int Masks, int LeftOut);
