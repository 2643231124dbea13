namespace PocketSam.Training.Evaluation;

/// <summary>How well and how fast all masks of pictures were found.</summary>
/// <param name="MeanIou">For each true mask the best IoU of any mask that was found, averaged.</param>
/// <param name="MasksPerPicture">Masks found, averaged.</param>
/// <param name="SecondsPerPicture">Time of encoding, asking and making masks, averaged.</param>
public sealed record EverythingResult(double MeanIou, double MasksPerPicture, double SecondsPerPicture);
