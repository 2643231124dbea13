namespace PocketSam.Training.Evaluation;

/// <summary>Quality and speed of everything mode.</summary>
/// <param name="MeanIou">IoU of each ground-truth mask with the best generated mask, averaged, 0 to 1.</param>
/// <param name="MasksPerPicture">Mean number of generated masks.</param>
/// <param name="SecondsPerPicture">Mean time of encoding, mask decoding and post-processing, in seconds.</param>
public sealed record EverythingResult(double MeanIou, double MasksPerPicture, double SecondsPerPicture);
