using System.Numerics.Tensors;
using PocketSam.Segmentation;

namespace PocketSam.Training.Words;

/// <summary>What words are learned from and asked of in a picture: its masks as numbers, and what they are called.</summary>
/// <param name="Right">Everything in the picture that each name means.</param>
/// <param name="Named">Masks with a name and their features.</param>
/// <param name="Found">What the model finds when everything is asked for.</param>
internal sealed record WordPicture(
    IReadOnlyDictionary<string, Rle> Right, IReadOnlyList<(string Name, Half[] Features)> Named, IReadOnlyList<FoundMask> Found)
{
    /// <summary>A mask that is smaller shows too little of a thing to be learned from.</summary>
    private const int LeastArea = 150;

    /// <summary>Masks of a picture that are learned from; more are much the same.</summary>
    private const int MostNamed = 80;

    /// <summary>IoU with a marked mask from which a found one is called as it is, and below which one is background.</summary>
    private const double SameIou = 0.6, OtherIou = 0.2;

    /// <summary>Share of a found mask on a marked one above which it may be a part of it, so that it is not background.</summary>
    private const double PartShare = 0.3;

    /// <summary>Looks at a picture.</summary>
    /// <param name="sam">The model whose features are taken.</param>
    /// <param name="generator">Finds everything with it.</param>
    /// <param name="picture">The picture and the names in it.</param>
    /// <param name="image">Its pixels.</param>
    /// <param name="cancellation">Stops it.</param>
    public static WordPicture Of(Sam sam, MaskGenerator generator, NamedPicture picture, RgbImage image, CancellationToken cancellation)
    {
        float[] features = [];
        int channels = 0;
        using ImageEmbedding embedding = sam.EncodeShowing(image, null, cancellation, null, tensor => (features, channels) = (tensor.Span.ToArray(), tensor.Channels));
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

/// <summary>A mask that the model has found.</summary>
/// <param name="Mask">The mask.</param>
/// <param name="Features">Means of the encoder's features in the mask, in the ring around it and in the picture, and its shape.</param>
/// <param name="Name">What it is called, where it is as good as a marked mask with a name.</param>
/// <param name="IsBackground">Whether it is none of the marked masks, and no part of one.</param>
internal sealed record FoundMask(GeneratedMask Mask, Half[] Features, string? Name, bool IsBackground);
