namespace PocketSam;

/// <summary>An example of the objects to find.</summary>
/// <param name="Picture">The picture that shows it, upright.</param>
/// <param name="Mask">Its mask, of the picture's size.</param>
public sealed record SimilarExample(RgbImage Picture, Rle Mask);
