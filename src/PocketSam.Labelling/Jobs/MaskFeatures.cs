using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// The model's features of masks. They are cached in memory up to a limit, so that pictures are not encoded again. Not
/// safe for concurrent use.
/// </summary>
internal sealed class MaskFeatures(PictureFolder folder)
{
    private const long MaxBytes = 256L << 20;

    private readonly Dictionary<long, (string Hash, Dictionary<string, float[]> ByCounts)> _known = [];
    private string _model = "";
    private long _bytes;

    /// <summary>The features of masks of a picture, by the masks' compressed run lengths.</summary>
    /// <param name="sam">The model; features of another model are dropped.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="masks">Compressed run lengths of masks of the picture's size; empty masks get no features.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="ImageFormatException">The file is not a picture.</exception>
    /// <exception cref="LabelException">The file is missing, or has another size than the picture.</exception>
    public async Task<IReadOnlyDictionary<string, float[]>> OfAsync(
        Sam sam, StoredPicture picture, IReadOnlySet<string> masks, CancellationToken cancellation)
    {
        if (_model != sam.Fingerprint)
        {
            _known.Clear();
            (_model, _bytes) = (sam.Fingerprint, 0);
        }

        Dictionary<string, float[]> own = [];
        if (_known.Remove(picture.Id, out var before))
        {
            _bytes -= SizeOf(before.ByCounts);
            if (before.Hash == picture.Hash)
                own = before.ByCounts.Where(entry => masks.Contains(entry.Key)).ToDictionary();
        }

        (string Counts, Rle Mask)[] wanted = [.. masks.Where(counts => !own.ContainsKey(counts))
            .Select(counts => (counts, Rle.FromCompressed(counts, picture.Height, picture.Width))).Where(mask => mask.Item2.Area > 0)];
        if (wanted.Length > 0)
        {
            byte[] file = await folder.ReadAsync(picture, cancellation);
            float[][] features = await Task.Run(
                () =>
                {
                    RgbImage image = ImageFile.Decode(file, picture.Path, new ImageReadOptions(), cancellation);
                    if ((image.Width, image.Height) != (picture.Width, picture.Height))
                        throw LabelException.Invalid($"{picture.Path}: the file is another picture than the one that was labelled");
                    using ImageEmbedding embedding = sam.Encode(image, cancellation: cancellation);
                    return ObjectClassifier.Describe(image, embedding, [.. wanted.Select(mask => mask.Mask)], cancellation);
                },
                cancellation);
            foreach ((int i, (string counts, _)) in wanted.Index())
                own[counts] = features[i];
        }

        if (_bytes + SizeOf(own) <= MaxBytes)
        {
            _known[picture.Id] = (picture.Hash, own);
            _bytes += SizeOf(own);
        }

        return own;
    }

    private static long SizeOf(Dictionary<string, float[]> masks) => masks.Sum(entry => 100L + (2 * entry.Key.Length) + (4 * entry.Value.Length));
}
