using System.Numerics.Tensors;
using PocketSam.Segmentation;

namespace PocketSam.Training.Words;

/// <summary>The data of a picture for training and measuring words: features and names of its masks.</summary>
/// <param name="Right">For each name the union of its masks.</param>
/// <param name="Named">Annotated masks with a name, and their features.</param>
/// <param name="Found">The masks that the model finds in the picture.</param>
internal sealed record WordPicture(
    IReadOnlyDictionary<string, Rle> Right, IReadOnlyList<(string Name, Half[] Features)> Named, IReadOnlyList<FoundMask> Found)
{
    /// <summary>Least number of pixels of an annotated mask to learn from.</summary>
    private const int LeastArea = 150;

    /// <summary>Largest number of annotated masks of a picture to learn from; more add little.</summary>
    private const int MostNamed = 80;

    /// <summary>
    /// IoU with an annotated mask from which on a found mask gets its name, and below which it is background.
    /// </summary>
    private const double SameIou = 0.6, OtherIou = 0.2;

    /// <summary>
    /// Fraction of a found mask on an annotated one from which on it may be a part of it and is not background.
    /// </summary>
    private const double PartShare = 0.3;

    /// <summary>Computes the data of a picture.</summary>
    /// <param name="sam">The model that computes the features.</param>
    /// <param name="generator">Generates the masks.</param>
    /// <param name="picture">The picture with its names.</param>
    /// <param name="image">Its pixels.</param>
    /// <param name="cancellation">Cancels the work.</param>
    public static WordPicture Of(Sam sam, MaskGenerator generator, NamedPicture picture, RgbImage image, CancellationToken cancellation)
    {
        float[] features = [];
        int channels = 0;
        using ImageEmbedding embedding = sam.EncodeWithObserver(image, null, cancellation, null, tensor => (features, channels) = (tensor.Span.ToArray(), tensor.Channels));
        ImageGeometry geometry = embedding.Geometry;
        float[] whole = new float[channels];
        PictureWords.Mean(features, channels, 0, channels, MaskCells.OfPicture(geometry), whole);

        (string? Name, Rle Mask)[] marked = [.. picture.Names.Zip(picture.Image.Annotations, (name, a) => (name, Rle.Encode(a.Decode())))];
        var named = marked.Where(m => m.Name is not null && m.Mask.Area >= LeastArea).Take(MostNamed)
            .Select(m => (m.Name!, Describe(m.Mask))).ToList();
        var right = marked.Where(m => m.Name is not null && m.Mask.Area > 0).GroupBy(m => m.Name!)
            .ToDictionary(g => g.Key, g => g.Select(m => m.Mask).Aggregate(Rle.Union));
        var found = new List<FoundMask>();
        foreach (GeneratedMask mask in generator.Generate(image, embedding, null, cancellation).Where(m => m.Area > 0))
        {
            double best = 0, part = 0;
            string? name = null;
            foreach ((string? other, Rle truth) in marked)
            {
                double shared = Rle.Intersect(mask.Segmentation, truth).Area, iou = shared / (mask.Area + truth.Area - shared);
                part = Math.Max(part, shared / mask.Area);
                if (iou > best)
                    (best, name) = (iou, other);
            }

            found.Add(new FoundMask(
                mask, Describe(mask.Segmentation), best >= SameIou ? name : null, IsBackground: best < OtherIou && part < PartShare));
        }

        return new WordPicture(right, named, found);

        Half[] Describe(Rle mask)
        {
            var cells = new MaskCells(mask, geometry);
            float[] all = new float[3 * channels + WordVocabulary.ShapeFeatures];
            PictureWords.Mean(features, channels, 0, channels, cells.Mask, all.AsSpan(0, channels));
            PictureWords.Mean(features, channels, 0, channels, PictureWords.RingOf(cells), all.AsSpan(channels, channels));
            whole.CopyTo(all, 2 * channels);
            cells.Describe(geometry, all.AsSpan(3 * channels));
            var halves = new Half[all.Length];
            TensorPrimitives.ConvertToHalf(all, halves);
            return halves;
        }
    }
}

/// <summary>A mask that the model finds.</summary>
/// <param name="Mask">The mask.</param>
/// <param name="Features">
/// Mean encoder features in the mask, in the ring around it and in the picture, [C] each, then features of its shape.
/// </param>
/// <param name="Name">Name of the annotated mask that it matches; null if there is none.</param>
/// <param name="IsBackground">Whether it matches no annotated mask and is no part of one.</param>
internal sealed record FoundMask(GeneratedMask Mask, Half[] Features, string? Name, bool IsBackground);
