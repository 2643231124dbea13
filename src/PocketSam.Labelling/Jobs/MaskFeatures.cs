using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// What masks of pictures look like to the model. It is kept in memory as long as there is room, so that a second look encodes no
/// picture again. One job at a time uses it.
/// </summary>
internal sealed class MaskFeatures(PictureFolder folder)
{
    private const long MaxBytes = 256L << 20;

    private readonly Dictionary<long, (string Hash, Dictionary<string, float[]> ByCounts)> _known = [];
    private string _model = "";
    private long _bytes;

    /// <summary>The features of masks of a picture by their run lengths.</summary>
    /// <param name="sam">The model; those of another one are forgotten.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="masks">Run lengths of masks of its size; empty masks have no features.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="ImageFormatException">The file is no picture.</exception>
    /// <exception cref="LabelException">It is not there, or of another size.</exception>
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
