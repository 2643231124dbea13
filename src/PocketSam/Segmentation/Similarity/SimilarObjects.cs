using PocketSam.Segmentation.Everything;
using PocketSam.Segmentation.Similarity;

namespace PocketSam;

/// <summary>
/// Finds more objects like one or a few: everything in a picture is looked for, and each mask is compared with the examples by the
/// embedding in it and around it, its colour and its size. Nothing is trained. Immutable; any number of threads may use it.
/// </summary>
/// <remarks>
/// The similarity of two masks is <c>(1 + c) / 2 · exp(-0.2 |ln(a1 / a2)|) · exp(-2 d)</c>: <c>c</c> is the cosine of the means of the
/// embedding in the masks, less the picture's mean, joined with the same less the mean of the ring around the mask; <c>a</c> are the
/// masks' shares of their pictures; <c>d</c> is the distance of their mean colours, 0 to √3. Small examples are looked for
/// at a larger input (<see cref="ImageSize"/>): an object of a few places of the embedding is found badly.
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
    /// <summary>The threshold where none is given: of one for all pictures the best by F1 on nuclei, and near it on animals.</summary>
    public const float DefaultThreshold = 0.3f;

    /// <summary>Examples of a smaller side in the model's input are looked for at a larger input.</summary>
    private const double LeastSide = 80;

    /// <summary>The largest input that is chosen for small examples; time grows by its square.</summary>
    private const int LargestInput = 1024;

    /// <summary>Of two masks of which one holds as large a share of the other the less alike or less sure is left out.</summary>
    private const double Within = 0.6;

    private readonly Sam _sam;
    private readonly MaskGenerator _generator;
    private readonly ObjectAppearance[] _examples;

    /// <summary>Looks at the examples.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="examples">One or more objects, of any pictures.</param>
    /// <param name="imageSize">The input that is looked for at; null for one by the examples' size.</param>
    /// <param name="options">How everything is looked for; null for the model's own way.</param>
    /// <param name="cancellation">Looked at before each picture and each example.</param>
    /// <exception cref="ArgumentException">
    /// There is no example, one is empty or not of its picture's size, an option is out of its range, or the model takes no such input.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
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

    /// <summary>Side of the model's input that pictures are looked at with.</summary>
    public int ImageSize { get; }

    /// <summary>Finds everything in a picture that looks like the examples.</summary>
    /// <param name="image">The picture, upright; one of the examples' or another.</param>
    /// <param name="threshold">
    /// The least similarity, 0 to 1. What stays of overlapping masks does not depend on it: all that 0 gives may be kept and shown from any threshold on.
    /// </param>
    /// <param name="known">Masks of the picture that are marked already, the examples for instance: what overlaps them is left out.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Looked at between batches of points and masks.</param>
    /// <returns>The masks, the most alike first; none of them overlaps another by much.</returns>
    /// <exception cref="ArgumentException">A known mask is not of the picture's size, or the threshold is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<SimilarMask> Find(
        RgbImage image, float threshold = DefaultThreshold, IReadOnlyList<Rle>? known = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        using ImageEmbedding embedding = _sam.Encode(image, ImageSize, cancellation);
        IReadOnlyList<GeneratedMask> masks = _generator.Generate(
            image, embedding, progress is null ? null : new PointShare(progress), cancellation);
        return Rank(image, embedding, masks, threshold, known, cancellation);
    }

    /// <summary>The same of masks that were found before.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="embedding">What the model made of it, at <see cref="ImageSize"/>.</param>
    /// <param name="masks">Its masks.</param>
    /// <param name="threshold">As in <see cref="Find"/>.</param>
    /// <param name="known">As in <see cref="Find"/>.</param>
    /// <param name="cancellation">Looked at between masks.</param>
    /// <exception cref="ArgumentException">
    /// The embedding is another model's, at another input size or of a picture of another size; a known mask is not of the picture's
    /// size, or the threshold is out of its range.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<SimilarMask> Rank(
        RgbImage image, ImageEmbedding embedding, IReadOnlyList<GeneratedMask> masks, float threshold = DefaultThreshold,
        IReadOnlyList<Rle>? known = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(masks);
        if (!(threshold is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "a similarity is from 0 to 1");
        if (embedding.Geometry.Width != image.Width || embedding.Geometry.Height != image.Height || embedding.Geometry.InputSize != ImageSize)
        {
            throw new ArgumentException(
                $"an embedding of {embedding.Geometry.Width}x{embedding.Geometry.Height} at {embedding.Geometry.InputSize} for a picture of "
                + $"{image.Width}x{image.Height} at {ImageSize}", nameof(embedding));
        }

        _sam.RequireOwn(embedding);
        if (known?.FirstOrDefault(mask => mask.Width != image.Width || mask.Height != image.Height) is { } other)
        {
            throw new ArgumentException(
                $"a known mask of {other.Width}x{other.Height} in a picture of {image.Width}x{image.Height}", nameof(known));
        }

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

    /// <summary>The model's own input, or a larger one where half of the examples are small in it.</summary>
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
