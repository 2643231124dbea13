namespace PocketSam.Training.Words;

/// <summary>A picture of a data set with the names of its masks.</summary>
/// <param name="Image">The picture and its masks.</param>
/// <param name="Names">
/// The name of each annotation, in order; null for one without a name, which is neither learned nor used as background.
/// </param>
public sealed record NamedPicture(CocoImage Image, IReadOnlyList<string?> Names)
{
    /// <summary>A category that is not a name.</summary>
    private const string Unnamed = "object";

    /// <summary>A picture whose masks have the names of their categories.</summary>
    /// <param name="image">The picture and its masks.</param>
    public static NamedPicture Of(CocoImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new(image, [.. image.Annotations.Select(a => a.IsCrowd || a.Label is null or Unnamed ? null : Word(a.Label))]);
    }

    /// <summary>A picture whose masks have the names of a list; others have none.</summary>
    /// <param name="image">The picture and its masks.</param>
    /// <param name="names">Names by annotation id.</param>
    public static NamedPicture Of(CocoImage image, IReadOnlyDictionary<long, string> names)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(names);
        return new(image, [.. image.Annotations.Select(a => a.IsCrowd || !names.TryGetValue(a.Id, out string? name) ? null : Word(name))]);
    }

    /// <summary>A name in lower case, without commas, which separate phrases.</summary>
    private static string Word(string name)
        => string.Join(' ', name.ToLowerInvariant().Split([' ', ',', '_', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
