using System.Runtime.CompilerServices;
using System.Threading.Channels;
using PocketSam.Masks;
using PocketSam.Segmentation.Everything;

namespace PocketSam;

/// <summary>
/// Finds all masks of a picture by prompting at many points (segment_anything/automatic_mask_generator.py; TinySAM's
/// hierarchical_mask_generator.py). Masks are kept as run lengths, so memory does not grow with masks times pixels.
/// Immutable and safe for concurrent use.
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

    /// <summary>A generator for a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="options">The options; null for the defaults.
    /// Thresholds that are not set are the model's own.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public MaskGenerator(Sam sam, MaskGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sam);
        Options = (options ?? new MaskGeneratorOptions()).WithThresholdsOf(sam.Config);
        Options.Validate();
        _sam = sam;
    }

    /// <summary>The options, with the model's thresholds where none were set.</summary>
    public MaskGeneratorOptions Options { get; }

    /// <summary>
    /// Finds all masks of a picture; may be empty. They are ordered by predicted IoU, highest first; with crops, those
    /// of smaller crops come first; with small regions removed, unchanged masks come first.
    /// </summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="imageSize">As for <see cref="Sam.Encode"/>.</param>
    /// <param name="progress">Reported after each batch of points.</param>
    /// <param name="cancellation">Checked between batches of points.</param>
    /// <exception cref="ArgumentException">The model does not accept the input size.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public IReadOnlyList<GeneratedMask> Generate(
        RgbImage image, int? imageSize = null, IProgress<MaskGeneratorProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using ImageEmbedding embedding = _sam.Encode(image, imageSize, cancellation);
        return Generate(image, embedding, progress, cancellation);
    }

    /// <summary>Finds all masks of an encoded picture; crops are encoded at the same input size.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="embedding">The picture's embedding from <see cref="Sam.Encode"/>.</param>
    /// <param name="progress">Reported after each batch of points.</param>
    /// <param name="cancellation">Checked between batches of points.</param>
    /// <exception cref="ArgumentException">The embedding is of a
    /// picture of another size, or from another model.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
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

        _sam.RequireOwn(embedding);
        return [.. Find(image, embedding, progress, cancellation)];
    }

    /// <summary>
    /// Finds all masks on a thread of the pool and returns each as soon as it is final: those of a crop after all its
    /// points are done; with small regions removed, all at the end. Ending the enumeration stops the computation.
    /// </summary>
    /// <inheritdoc cref="Generate(RgbImage, int?, IProgress{MaskGeneratorProgress}?, CancellationToken)"/>
    public async IAsyncEnumerable<GeneratedMask> GenerateAsync(
        RgbImage image, int? imageSize = null, IProgress<MaskGeneratorProgress>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var found = Channel.CreateUnbounded<GeneratedMask>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Task computation = Task.Run(
            () =>
            {
                Exception? failure = null;
                try
                {
                    using ImageEmbedding embedding = _sam.Encode(image, imageSize, stop.Token);
                    foreach (GeneratedMask mask in Find(image, embedding, progress, stop.Token))
                        found.Writer.TryWrite(mask);
                }
                catch (Exception e)
                {
                    failure = e;
                }

                // The reader receives the exception after the masks that precede it.
                found.Writer.Complete(failure);
            },
            CancellationToken.None);
        try
        {
            await foreach (GeneratedMask mask in found.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
                yield return mask;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await computation.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The masks, each as soon as it is final. Of duplicates in different crops, the one from the smaller crop is more
    /// detailed, so the smallest crops are searched first and later masks never replace earlier ones.
    /// </summary>
    private IEnumerable<GeneratedMask> Find(
        RgbImage image, ImageEmbedding embedding, IProgress<MaskGeneratorProgress>? progress, CancellationToken cancellation)
    {
        IEnumerable<GeneratedMask> masks = FindInCrops(image, embedding, progress, cancellation);
        return Options.MinMaskRegionArea > 0 || Options.MinMaskRegionShare > 0 ? CleanRegions([.. masks], cancellation) : masks;
    }

    private IEnumerable<GeneratedMask> FindInCrops(
        RgbImage image, ImageEmbedding embedding, IProgress<MaskGeneratorProgress>? progress, CancellationToken cancellation)
    {
        (PixelBox Box, int Layer)[] crops =
        [
            .. CropLayers.Of(image.Width, image.Height, Options.CropLayers, Options.CropOverlapRatio)
                .OrderBy(crop => (long)crop.Box.Width * crop.Box.Height),
        ];
        var certain = new BoxSuppression(Options.CropNmsThresh);
        int found = 0;
        MaskGeneratorTally before = default;
        for (int i = 0; i < crops.Length; i++)
        {
            (PixelBox box, int layer) = crops[i];
            using ImageEmbedding? part = layer == 0
                ? null : _sam.Encode(image.Crop(box), embedding.Geometry.InputSize, cancellation);
            using var search = new CropSearch(_sam, part ?? embedding, Options, box, image.Width, image.Height);
            foreach ((int done, int all) in search.PromptPoints(PointsPerSide(layer), cancellation))
            {
                progress?.Report(new MaskGeneratorProgress(i + 1, crops.Length, done, all, found + search.Count)
                {
                    Tally = before + search.Tally,
                });
            }

            before += search.Tally;
            List<MaskCandidate> best = search.Best(cancellation);
            found += best.Count;
            if (crops.Length > 1)
                best = [.. best.Where(candidate => certain.TryKeep(search.BoxInPicture(candidate)))];
            foreach (GeneratedMask mask in search.Make(best, cancellation))
                yield return mask;
        }
    }

    /// <summary>Removes small holes and islands; of duplicates that this creates, an unchanged mask stays.</summary>
    private List<GeneratedMask> CleanRegions(List<GeneratedMask> masks, CancellationToken cancellation)
    {
        List<GeneratedMask> cleaned = new(masks.Count);
        var unchanged = new HashSet<GeneratedMask>(masks, ReferenceEqualityComparer.Instance);
        foreach (GeneratedMask mask in masks)
        {
            cancellation.ThrowIfCancellationRequested();
            cleaned.Add(SmallRegions.Remove(mask.Segmentation, MinArea(mask)) is { } runs
                ? mask with { Segmentation = runs, Area = runs.Area, Box = runs.Bounds }
                : mask);
        }

        List<int> kept = BoxSuppression.Run(
            [.. cleaned.Select(mask => mask.Box)], [.. cleaned.Select(mask => unchanged.Contains(mask) ? 1f : 0f)],
            Math.Max(Options.BoxNmsThresh, Options.CropNmsThresh), cancellation);
        return [.. kept.Select(i => cleaned[i])];
    }

    private long MinArea(GeneratedMask mask)
        => Math.Max(Options.MinMaskRegionArea, SmallRegions.MinArea(Options.MinMaskRegionShare, mask.Area));

    private int PointsPerSide(int layer)
        => Math.Max(1, (int)(Options.PointsPerSide / Math.Pow(Options.CropPointsDownscaleFactor, layer)));
}
