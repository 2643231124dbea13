namespace PocketSam;

/// <summary>A picture's name and size with its annotations: the input of all mask formats.</summary>
public sealed record AnnotatedPicture
{
    /// <summary>Checks that the masks are those of one picture.</summary>
    /// <param name="path">The picture's file, as formats name it.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="annotations">Masks of that size, in the order that formats keep.</param>
    /// <exception cref="ArgumentException">The path is empty, a side is below 1, or a mask has another size or a score
    /// that is not finite; the message names the mask by its index, from 0.</exception>
    public AnnotatedPicture(string path, int width, int height, IReadOnlyList<Annotation> annotations)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(annotations);
        for (int i = 0; i < annotations.Count; i++)
        {
            Rle mask = annotations[i].Segmentation;
            if (mask.Width != width || mask.Height != height)
            {
                throw new ArgumentException(
                    $"{path}: mask {i} of {mask.Width}x{mask.Height} in a picture of {width}x{height}",
                    nameof(annotations));
            }

            if (!float.IsFinite(annotations[i].PredictedIou ?? 0) || !float.IsFinite(annotations[i].StabilityScore ?? 0))
                throw new ArgumentException($"{path}: mask {i} has a score that is not a finite number", nameof(annotations));
        }

        Path = path;
        Width = width;
        Height = height;
        Annotations = annotations;
    }

    /// <summary>The picture's file, as formats name it.</summary>
    public string Path { get; init; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The masks.</summary>
    public IReadOnlyList<Annotation> Annotations { get; }

    /// <summary>
    /// Labels in the order in which formats number classes; the same for all pictures that are used together. Labels
    /// that are not listed follow them. Null numbers labels by their first occurrence in this picture.
    /// </summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The picture, for formats that show a part of it; null if it is not available.</summary>
    public RgbImage? Photo { get; init; }
}
