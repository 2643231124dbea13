using PocketSam.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Segmentation.Similarity;

/// <summary>
/// Features of a mask for comparison: the mean embedding in it minus that of the picture, the same minus that of the
/// ring around it, its mean colour, and its area over the picture's. Subtracting the picture's mean removes what is
/// common to the picture; the ring distinguishes an object from a part of one.
/// </summary>
internal sealed class ObjectAppearance
{
    /// <summary>Weight of the logarithm of the areas' ratio.</summary>
    private const double SizeWeight = 0.2;

    /// <summary>Weight of the colour distance, in units of one channel's range.</summary>
    private const double ColorWeight = 2;

    private readonly float[] _features;
    private readonly float[] _color;
    private readonly float _logShare;

    private ObjectAppearance(float[] features, float[] color, float logShare) => (_features, _color, _logShare) = (features, color, logShare);

    /// <summary>The features of masks in a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="embedding">The picture's embedding.</param>
    /// <param name="masks">Masks of the picture's size, none of them empty.</param>
    /// <param name="cancellation">Checked before each mask.</param>
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

    /// <summary>
    /// Similarity, 0 to 1: (1 + cosine) / 2 · exp(-0.2 |ln of the areas' ratio|) · exp(-2 colour distance).
    /// </summary>
    public float Similarity(ObjectAppearance other)
    {
        double cosine = TensorPrimitives.CosineSimilarity<float>(_features, other._features);
        // The mask of a whole picture has features of zero.
        double alike = double.IsFinite(cosine) ? (1 + Math.Clamp(cosine, -1, 1)) / 2 : 0.5;
        return (float)(alike * Math.Exp(-SizeWeight * Math.Abs(_logShare - other._logShare))
            * Math.Exp(-ColorWeight * TensorPrimitives.Distance<float>(_color, other._color)));
    }

    /// <summary>
    /// All features as one vector: those of the embedding, the mean
    /// colour, the logarithm of the area over the picture's.
    /// </summary>
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
