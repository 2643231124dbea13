using PocketSam.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Segmentation.Similarity;

/// <summary>
/// What a mask looks like: the mean of the embedding in it, once without the picture's own mean and once without that of the ring
/// around it; its mean colour; its share of the picture. What a picture has everywhere says nothing of an object, and a ring tells an
/// object from a part of one.
/// </summary>
internal sealed class ObjectAppearance
{
    /// <summary>A mask of e times the area is as like as this power of e.</summary>
    private const double SizeWeight = 0.2;

    /// <summary>The same for a colour that is farther by all of one channel's range.</summary>
    private const double ColorWeight = 2;

    private readonly float[] _features;
    private readonly float[] _color;
    private readonly float _logShare;

    private ObjectAppearance(float[] features, float[] color, float logShare) => (_features, _color, _logShare) = (features, color, logShare);

    /// <summary>Looks at masks of a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="embedding">What the model made of it.</param>
    /// <param name="masks">Masks of the picture's size, none of them empty.</param>
    /// <param name="cancellation">Looked at before each mask.</param>
    public static ObjectAppearance[] Of(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<Rle> masks, CancellationToken cancellation)
    {
        using ImageEmbedding.Loan loan = embedding.Borrow();
        Tensor values = loan.Tensor;
        int channels = values.Channels;
        float[] whole = new float[channels];
        PictureWords.Mean(values.Span, channels, 0, channels, MaskCells.OfPicture(embedding.Geometry), whole);
        var seen = new ObjectAppearance[masks.Count];
        for (int i = 0; i < seen.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var cells = new MaskCells(masks[i], embedding.Geometry);
            float[] features = new float[2 * channels];
            Span<float> inside = features.AsSpan(0, channels), beyondRing = features.AsSpan(channels);
            PictureWords.Mean(values.Span, channels, 0, channels, PictureWords.RingOf(cells), beyondRing);
            PictureWords.Mean(values.Span, channels, 0, channels, cells.Mask, inside);
            TensorPrimitives.Subtract(inside, beyondRing, beyondRing);
            TensorPrimitives.Subtract(inside, whole, inside);
            seen[i] = new ObjectAppearance(
                features, ColorOf(image, masks[i]), MathF.Log(cells.Area / ((float)image.Width * image.Height)));
        }

        return seen;
    }

    /// <summary>How alike two are, 0 to 1: (1 + cosine) / 2 · exp(-0.2 |ln of the areas' ratio|) · exp(-2 colour distance).</summary>
    public float Similarity(ObjectAppearance other)
    {
        double cosine = TensorPrimitives.CosineSimilarity<float>(_features, other._features);
        // A mask that is the whole picture has no features of its own.
        double alike = double.IsFinite(cosine) ? (1 + Math.Clamp(cosine, -1, 1)) / 2 : 0.5;
        return (float)(alike * Math.Exp(-SizeWeight * Math.Abs(_logShare - other._logShare))
            * Math.Exp(-ColorWeight * TensorPrimitives.Distance<float>(_color, other._color)));
    }

    /// <summary>All of it as numbers: what the embedding says, the mean colour, the logarithm of the share of the picture.</summary>
    public float[] ToFeatures() => [.. _features, .. _color, _logShare];

    /// <summary>Mean red, green and blue, 0 to 1.</summary>
    private static float[] ColorOf(RgbImage image, Rle mask)
    {
        long red = 0, green = 0, blue = 0;
        PixelBox box = mask.Bounds;
        BinaryMask bits = mask.Crop(box);
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int y = 0; y < bits.Height; y++)
        {
            for (int x = bits.NextSet(y, 0); x < bits.Width; x = bits.NextSet(y, x))
            {
                for (int end = bits.NextClear(y, x); x < end; x++)
                {
                    int at = 3 * ((box.Y + y) * image.Width + box.X + x);
                    red += pixels[at];
                    green += pixels[at + 1];
                    blue += pixels[at + 2];
                }
            }
        }

        float scale = 1f / (255f * mask.Area);
        return [red * scale, green * scale, blue * scale];
    }
}
