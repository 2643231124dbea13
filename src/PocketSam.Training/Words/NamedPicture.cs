namespace PocketSam.Training.Words;

/// <summary>A picture of a data set with what its masks are called.</summary>
/// <param name="Image">The picture and its masks.</param>
/// <param name="Names">
/// The name of each annotation, in their order; null for one that nobody has named, which is neither learned nor taken for background.
/// </param>
public sealed record NamedPicture(CocoImage Image, IReadOnlyList<string?> Names)
{
    /// <summary>A category that says nothing.</summary>
    private const string Unnamed = "object";

    /// <summary>A picture whose masks are called as their categories.</summary>
    /// <param name="image">The picture and its masks.</param>
    public static NamedPicture Of(CocoImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new(image, [.. image.Annotations.Select(a => a.IsCrowd || a.Label is null or Unnamed ? null : Word(a.Label))]);
    }

    /// <summary>A picture whose masks are called as a list says; those that it leaves out are unnamed.</summary>
    /// <param name="image">The picture and its masks.</param>
    /// <param name="names">Names by annotation id.</param>
    public static NamedPicture Of(CocoImage image, IReadOnlyDictionary<long, string> names)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(names);
        return new(image, [.. image.Annotations.Select(a => a.IsCrowd || !names.TryGetValue(a.Id, out string? name) ? null : Word(name))]);
    }

    /// <summary>A name in small letters, without commas, which stand between words that are looked for.</summary>
    private static string Word(string name)
        => string.Join(' ', name.ToLowerInvariant().Split([' ', ',', '_', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
