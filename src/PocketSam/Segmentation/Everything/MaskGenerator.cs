using System.Runtime.CompilerServices;
using PocketSam.Masks;
using PocketSam.Segmentation.Everything;

namespace PocketSam;

/// <summary>
/// Finds all masks of a picture by asking at many points (segment_anything/automatic_mask_generator.py; TinySAM's
/// hierarchical_mask_generator.py). Masks leave the work as run lengths: nothing grows with masks times pixels.
/// Immutable; any number of threads may use it.
/// </summary>
/// <example>
/// <code>
/// var generator = new MaskGenerator(Sam.Default);
/// foreach (GeneratedMask mask in generator.Generate(image))
///     Console.WriteLine($"{mask.Area} pixels at {mask.Box}");
/// </code>
/// </example>
public sealed class MaskGenerator
{
    private readonly Sam _sam;

    /// <summary>A generator that asks a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="options">What to ask for and to keep; thresholds that are not set are the model's own.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public MaskGenerator(Sam sam, MaskGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sam);
        Options = (options ?? new MaskGeneratorOptions()).WithThresholdsOf(sam.Config);
        Options.Validate();
        _sam = sam;
    }

    /// <summary>What is asked for and kept, with the model's thresholds where none were set.</summary>
    public MaskGeneratorOptions Options { get; }

    /// <summary>
    /// All masks of a picture; empty where nothing was found. Those of the highest predicted IoU come first; with crops
    /// those of smaller crops before; with small regions removed those that did not change before all others.
    /// </summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="imageSize">As in <see cref="Sam.Encode"/>.</param>
    /// <param name="progress">Told after each batch of points.</param>
    /// <param name="cancellation">Looked at between batches of points.</param>
    /// <exception cref="ArgumentException">The input size is not one that the model takes.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<GeneratedMask> Generate(
        RgbImage image, int? imageSize = null, IProgress<MaskGeneratorProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using ImageEmbedding embedding = _sam.Encode(image, imageSize, cancellation);
        return Generate(image, embedding, progress, cancellation);
    }

    /// <summary>The same for a picture that is encoded already; crops are encoded at the same input size.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="embedding">What <see cref="Sam.Encode"/> made of it.</param>
    /// <param name="progress">Told after each batch of points.</param>
    /// <param name="cancellation">Looked at between batches of points.</param>
    /// <exception cref="ArgumentException">The embedding is of a picture of another size, or another model's.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<GeneratedMask> Generate(
        RgbImage image, ImageEmbedding embedding, IProgress<MaskGeneratorProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(embedding);
        ImageGeometry geometry = embedding.Geometry;
        if (geometry.Width != image.Width || geometry.Height != image.Height)
        {
            throw new ArgumentException(
                $"an embedding of a picture of {geometry.Width}x{geometry.Height} for one of {image.Width}x{image.Height}",
                nameof(embedding));
        }

        _sam.RefuseStranger(embedding);
        List<(PixelBox Box, int Layer)> crops
            = CropLayers.Of(image.Width, image.Height, Options.CropLayers, Options.CropOverlapRatio);
        List<GeneratedMask> masks = [];
        for (int i = 0; i < crops.Count; i++)
        {
            (PixelBox box, int layer) = crops[i];
            using ImageEmbedding? part = i == 0
                ? null : _sam.Encode(image.Crop(box), geometry.InputSize, cancellation);
            var search = new CropSearch(_sam, part ?? embedding, Options, box, image.Width, image.Height);
            int done = i, before = masks.Count;
            masks.AddRange(search.Run(
                PointsPerSide(layer),
                (asked, points, found) => progress?.Report(
                    new MaskGeneratorProgress(done + 1, crops.Count, asked, points, before + found)),
                cancellation));
        }

        if (crops.Count > 1)
        {
            // Of duplicates in different crops the one of the smaller crop shows more.
            masks = Suppress(
                masks, mask => 1f / ((long)mask.CropBox.Width * mask.CropBox.Height), Options.CropNmsThresh, cancellation);
        }

        if (Options.MinMaskRegionArea > 0)
            masks = CleanRegions(masks, cancellation);
        return masks;
    }

    /// <summary>
    /// The same, one mask after the other as soon as it is certain to stay, computed beside the caller. Which masks stay is
    /// known when all points were asked for.
    /// </summary>
    /// <inheritdoc cref="Generate(RgbImage, int?, IProgress{MaskGeneratorProgress}?, CancellationToken)"/>
    public async IAsyncEnumerable<GeneratedMask> GenerateAsync(
        RgbImage image, int? imageSize = null, IProgress<MaskGeneratorProgress>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        IReadOnlyList<GeneratedMask> masks
            = await Task.Run(() => Generate(image, imageSize, progress, cancellation), cancellation).ConfigureAwait(false);
        foreach (GeneratedMask mask in masks)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return mask;
        }
    }

    /// <summary>Removes small holes and islands; of the duplicates that this makes the mask that was not changed stays.</summary>
    private List<GeneratedMask> CleanRegions(List<GeneratedMask> masks, CancellationToken cancellation)
    {
        List<GeneratedMask> cleaned = new(masks.Count);
        var unchanged = new HashSet<GeneratedMask>(masks, ReferenceEqualityComparer.Instance);
        foreach (GeneratedMask mask in masks)
        {
            cancellation.ThrowIfCancellationRequested();
            BinaryMask bits = mask.Segmentation.ToMask();
            cleaned.Add(SmallRegions.Remove(bits, Options.MinMaskRegionArea)
                ? mask with { Segmentation = Rle.Encode(bits), Area = bits.Area, Box = bits.Bounds }
                : mask);
        }

        return Suppress(
            cleaned, mask => unchanged.Contains(mask) ? 1f : 0f, Math.Max(Options.BoxNmsThresh, Options.CropNmsThresh),
            cancellation);
    }

    private static List<GeneratedMask> Suppress(
        List<GeneratedMask> masks, Func<GeneratedMask, float> score, float threshold, CancellationToken cancellation)
    {
        List<int> kept = BoxSuppression.Run(
            [.. masks.Select(m => m.Box)], [.. masks.Select(score)], threshold, cancellation);
        return [.. kept.Select(i => masks[i])];
    }

    private int PointsPerSide(int layer)
        => Math.Max(1, (int)(Options.PointsPerSide / Math.Pow(Options.CropPointsDownscaleFactor, layer)));
}
