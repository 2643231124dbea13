namespace PocketSam;

/// <summary>A picture to be listed in a COCO file, with its masks.</summary>
/// <param name="FileName">The picture's file, relative to the folder of the JSON file.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Masks">Its objects, each of the picture's size and not empty.</param>
public sealed record CocoPicture(string FileName, int Width, int Height, IReadOnlyList<BinaryMask> Masks);
