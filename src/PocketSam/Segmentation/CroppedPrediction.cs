namespace PocketSam;

/// <summary>The model's answer to one <see cref="Prompt"/>, its masks as <see cref="Sam.PredictCropped"/> makes them.</summary>
/// <param name="Masks">One mask, or several that may be meant, in the model's order.</param>
/// <param name="Best">The place of the mask to show first, by the rule of <see cref="Prediction.Best"/>.</param>
public sealed record CroppedPrediction(IReadOnlyList<CroppedMask> Masks, int Best);
