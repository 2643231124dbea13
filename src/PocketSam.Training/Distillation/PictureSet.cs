using PocketSam.Training.Data;

namespace PocketSam.Training.Distillation;

/// <summary>Pictures with the keys of their embeddings in a cache.</summary>
/// <param name="Name">The name in messages.</param>
/// <param name="Pictures">Key, file, and the data set's entry with its masks; null without a data set.</param>
public sealed record PictureSet(string Name, IReadOnlyList<(string Key, string Path, CocoImage? Image)> Pictures)
{
    /// <summary>All pictures of a data set, with annotated objects or without.</summary>
    public static PictureSet Of(CocoDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new(data.Path, [.. data.Images.Select(i => (PictureKey.Of(data.Path, i), i.Path, (CocoImage?)i))]);
    }
}
