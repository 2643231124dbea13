using PocketSam.Segmentation.Everything;
using PocketSam.Segmentation.Similarity;

namespace PocketSam;

/// <summary>
/// Finds objects similar to one or a few examples: segments everything in a picture and compares each mask with the
/// examples by the embedding in and around it, its colour and its size. Nothing is trained. Immutable and safe for
/// concurrent use.
/// </summary>
/// <remarks>
/// The similarity of two masks is <c>(1 + c) / 2 · exp(-0.2 |ln(a1 / a2)|) · exp(-2 d)</c>: <c>c</c> is the cosine of
/// their feature vectors (the mean embedding in the mask minus the picture's mean, joined with the same minus the mean
/// of the ring around the mask); <c>a1</c> and <c>a2</c> are the masks' areas over those of their pictures; <c>d</c> is
/// the distance of their mean colours, 0 to √3. Small examples use a larger input (<see cref="ImageSize"/>), since
/// objects of only a few places of the embedding are hard to find.
/// </remarks>
/// <example>
/// <code>
/// using ImageEmbedding photo = Sam.Default.Encode(image);
/// Mask first = Sam.Default.Predict(photo, Prompt.Point(120, 80)).Best;
/// var cells = new SimilarObjects(Sam.Default, [new SimilarExample(image, Rle.Encode(first.Bits))]);
/// IReadOnlyList&lt;SimilarMask&gt; more = cells.Find(image);
/// Console.WriteLine($"{more.Count} like it");
/// </code>
/// </example>
public sealed class SimilarObjects
{
    /// <summary>The default threshold: the best by F1 on nuclei, and close to it on animals.</summary>
    public const float DefaultThreshold = 0.3f;

    /// <summary>
    /// Smallest side in pixels of the model's input that the median
    /// example should have; a larger input is used if it is smaller.
    /// </summary>
    private const double LeastSide = 80;

    /// <summary>The largest input that is chosen for small examples; the time grows with its square.</summary>
    private const int LargestInput = 1024;

    /// <summary>
    /// If more than this fraction of one mask is in another, the one that is less similar or less certain is left out.
    /// </summary>
    private const double Within = 0.6;

    private readonly Sam _sam;
    private readonly MaskGenerator _generator;
    private readonly ObjectAppearance[] _examples;

    /// <summary>Computes the features of the examples.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="examples">One or more objects, in any pictures.</param>
    /// <param name="imageSize">Side of the model's input in pixels; null to choose it by the examples' size.</param>
    /// <param name="options">Options for segmenting everything; null for the model's own.</param>
    /// <param name="cancellation">Checked before each picture and each example.</param>
    /// <exception cref="ArgumentException">There is no example, one is empty or does not have its picture's size, an
    /// option is out of range, or the model does not accept the input size.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public SimilarObjects(
        Sam sam, IReadOnlyList<SimilarExample> examples, int? imageSize = null, MaskGeneratorOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(examples);
        if (examples.Count == 0)
            throw new ArgumentException("no example to find others like", nameof(examples));
        foreach (SimilarExample example in examples)
        {
            if (example.Mask.Width != example.Picture.Width || example.Mask.Height != example.Picture.Height)
            {
                throw new ArgumentException(
                    $"an example of {example.Mask.Width}x{example.Mask.Height} in a picture of {example.Picture.Width}x{example.Picture.Height}",
                    nameof(examples));
            }

            if (example.Mask.Area == 0)
                throw new ArgumentException("an example is empty", nameof(examples));
        }

        ImageSize = imageSize ?? SizeFor(sam.Config, examples);
        sam.Config.ValidateInputSize(ImageSize);
        _sam = sam;
        _generator = new MaskGenerator(sam, options ?? MaskGeneratorOptions.For(sam.Config));
        var seen = new List<ObjectAppearance>(examples.Count);
        foreach (IGrouping<RgbImage, SimilarExample> own in examples.GroupBy(example => example.Picture))
        {
            using ImageEmbedding embedding = sam.Encode(own.Key, ImageSize, cancellation);
            seen.AddRange(ObjectAppearance.Of(own.Key, embedding, [.. own.Select(example => example.Mask)], cancellation));
        }

        _examples = [.. seen];
    }

    /// <summary>Side of the model's input in pixels.</summary>
    public int ImageSize { get; }

    /// <summary>Finds everything in a picture that is similar to the examples.</summary>
    /// <param name="image">The picture, upright; one of the examples' or another.</param>
    /// <param name="threshold">The smallest similarity, 0 to 1. It does not affect which of overlapping masks stays, so
    /// a caller may use 0 and filter the result.</param>
    /// <param name="known">Masks in the picture that are annotated already, for instance the examples; masks that
    /// overlap them are left out. May be null.</param>
    /// <param name="progress">The fraction done, 0 to 1.</param>
    /// <param name="cancellation">Checked between batches of points and masks.</param>
    /// <returns>The masks, the most similar first; none of them overlaps another by much.</returns>
    /// <exception cref="ArgumentException">A known mask does not have
    /// the picture's size, or the threshold is out of range.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public IReadOnlyList<SimilarMask> Find(
        RgbImage image, float threshold = DefaultThreshold, IReadOnlyList<Rle>? known = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        Validate(image, threshold, known);
        using ImageEmbedding embedding = _sam.Encode(image, ImageSize, cancellation);
        IReadOnlyList<GeneratedMask> masks = _generator.Generate(
            image, embedding, progress is null ? null : new PointShare(progress), cancellation);
        return Rank(image, embedding, masks, threshold, known, cancellation);
    }

    private static void Validate(RgbImage image, float threshold, IReadOnlyList<Rle>? known)
    {
        if (!(threshold is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "a similarity is from 0 to 1");
        if (known?.FirstOrDefault(mask => mask.Width != image.Width || mask.Height != image.Height) is { } other)
        {
            throw new ArgumentException(
                $"a known mask of {other.Width}x{other.Height} in a picture of {image.Width}x{image.Height}", nameof(known));
        }
    }

    /// <summary>Ranks masks that are found already, for <see cref="Find"/>.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="embedding">The picture's embedding, at <see cref="ImageSize"/>.</param>
    /// <param name="masks">Masks of the picture.</param>
    /// <param name="threshold">As for <see cref="Find"/>.</param>
    /// <param name="known">As for <see cref="Find"/>.</param>
    /// <param name="cancellation">Checked between masks.</param>
    /// <exception cref="ArgumentException">The embedding is from another model, at another input size or of a picture
    /// of another size; a known mask does not have the picture's size; or the threshold is out of range.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public IReadOnlyList<SimilarMask> Rank(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<GeneratedMask> masks, float threshold = DefaultThreshold,
        IReadOnlyList<Rle>? known = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(masks);
        Validate(image, threshold, known);
        if (embedding.Geometry.Width != image.Width || embedding.Geometry.Height != image.Height || embedding.Geometry.InputSize != ImageSize)
        {
            throw new ArgumentException(
                $"an embedding of {embedding.Geometry.Width}x{embedding.Geometry.Height} at {embedding.Geometry.InputSize} for a picture of "
                + $"{image.Width}x{image.Height} at {ImageSize}", nameof(embedding));
        }

        _sam.RequireOwn(embedding);
        GeneratedMask[] found = [.. masks.Where(mask => mask.Area > 0)];
        ObjectAppearance[] seen = ObjectAppearance.Of(image, embedding, [.. found.Select(mask => mask.Segmentation)], cancellation);
        IEnumerable<SimilarMask> ranked = found
            .Zip(seen, (mask, looks) => new SimilarMask(_examples.Max(looks.Similarity), mask))
            .OrderByDescending(mask => mask.Similarity * mask.Mask.PredictedIou);

        (PixelBox Box, Rle Mask)[] taken = [.. (known ?? []).Where(mask => mask.Area > 0).Select(mask => (mask.Bounds, mask))];
        var kept = new List<SimilarMask>();
        foreach (SimilarMask mask in ranked)
        {
            cancellation.ThrowIfCancellationRequested();
            Rle own = mask.Mask.Segmentation;
            if (!taken.Any(other => Overlaps(own, mask.Mask.Box, other.Mask, other.Box))
                && !kept.Any(other => Overlaps(own, mask.Mask.Box, other.Mask.Segmentation, other.Mask.Box)))
            {
                kept.Add(mask);
            }
        }

        return [.. kept.Where(mask => mask.Similarity >= threshold).OrderByDescending(mask => mask.Similarity)];
    }

    private static bool Overlaps(Rle a, PixelBox boxA, Rle b, PixelBox boxB)
        => boxA.X < boxB.Right && boxB.X < boxA.Right && boxA.Y < boxB.Bottom && boxB.Y < boxA.Bottom
            && Rle.Intersect(a, b).Area > Within * Math.Min(a.Area, b.Area);

    /// <summary>The model's own input size, or a larger one if the median example is small in it.</summary>
    private static int SizeFor(SamConfig config, IReadOnlyList<SimilarExample> examples)
    {
        if (config.Encoder.FixedInputSize)
            return config.ImageSize;
        double[] sides =
        [
            .. examples.Select(example => Math.Sqrt(example.Mask.Area) / Math.Max(example.Picture.Width, example.Picture.Height))
                .Order(),
        ];
        double wanted = LeastSide / sides[sides.Length / 2];
        int multiple = config.Encoder.InputMultiple;
        return wanted <= config.ImageSize || config.ImageSize >= LargestInput ? config.ImageSize
            : (int)Math.Min(LargestInput / multiple, Math.Ceiling(wanted / multiple)) * multiple;
    }
}
