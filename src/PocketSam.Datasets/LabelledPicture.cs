namespace PocketSam.Datasets;

/// <summary>A picture of a data set of any format, with its objects.</summary>
/// <param name="Name">Its name in the set, with <c>/</c> between folders.</param>
/// <param name="File">Its file; null where there is none to be found.</param>
/// <param name="Width">Pixels in a row, as the masks have them.</param>
/// <param name="Height">Rows, as the masks have them.</param>
/// <param name="Annotations">Its objects, in the set's order.</param>
internal sealed record LabelledPicture(
    string Name, string? File, int Width, int Height, IReadOnlyList<Annotation> Annotations);
