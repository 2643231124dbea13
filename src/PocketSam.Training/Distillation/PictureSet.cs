using PocketSam.Training.Data;

namespace PocketSam.Training.Distillation;

/// <summary>Pictures under the keys that a cache of embeddings knows them by.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Pictures">Key, file, and the data set's entry with its masks where there is one.</param>
public sealed record PictureSet(string Name, IReadOnlyList<(string Key, string Path, CocoImage? Image)> Pictures)
{
    /// <summary>All pictures of a data set with at least one marked object.</summary>
    public static PictureSet Of(CocoDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new(data.Path,
        [
            .. data.Images.Where(i => i.HasMasks)
                .Select(i => (PictureKey.Of(data.Path, i), i.Path, (CocoImage?)i)),
        ]);
    }
}
