namespace PocketSam.Datasets;

/// <summary>A picture of a data set in any format, with its objects.</summary>
/// <param name="Name">Its name in the set, with <c>/</c> between folders.</param>
/// <param name="File">Path of its file; null if it is not found.</param>
/// <param name="Width">Width in pixels, the same as of the masks.</param>
/// <param name="Height">Height in pixels, the same as of the masks.</param>
/// <param name="Annotations">Its objects, in the set's order.</param>
internal sealed record LabelledPicture(
    string Name, string? File, int Width, int Height, IReadOnlyList<Annotation> Annotations);
