namespace PocketSam;

/// <summary>The result of one <see cref="Prompt"/> from <see cref="Sam.PredictCropped"/>.</summary>
/// <param name="Masks">One mask, or several candidates, in the model's order.</param>
/// <param name="Best">Index of the best mask, by the rule of <see cref="Prediction.Best"/>.</param>
public sealed record CroppedPrediction(IReadOnlyList<CroppedMask> Masks, int Best);
