using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>The loop of all evaluators: the pictures of a data set with the masks that count.</summary>
/// <param name="reader">Decodes the pictures.</param>
/// <param name="minArea">Smaller masks, in pixels of the picture, are passed over, as are crowds.</param>
/// <param name="maxMasks">Ends after as many masks, or null for all.</param>
/// <param name="failures">Takes pictures that cannot be used, which are left out; null ends at the first.</param>
/// <param name="maxImages">Looks at no more pictures, or null for all.</param>
/// <param name="takes">Whether a picture is looked at; null for all. With it there may be none to measure.</param>
internal sealed class EvaluationLoop(
    PictureReader reader, int minArea, int? maxMasks, PictureFailures? failures, int? maxImages = null,
    Func<CocoImage, bool>? takes = null)
{
    /// <summary>That of a measure of a paper.</summary>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="options">Which pictures and masks count.</param>
    public static EvaluationLoop Of(PictureReader reader, MeasureOptions options)
        => new(reader, options.MinArea, options.MaxMasks, options.Failures, options.MaxImages);

    /// <summary>Goes through a data set, picture by picture.</summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="measure">Given each picture that has masks, and these.</param>
    /// <param name="progress">Told after each picture.</param>
    /// <param name="cancellation">Looked at before each picture.</param>
    /// <returns>Pictures and masks that were measured.</returns>
    /// <exception cref="DataFormatException">
    /// A picture is missing or of another size than stated, or there is no mask to measure.
    /// </exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public (int Pictures, int Masks) Run(
        CocoDataset data, Action<CocoImage, RgbImage, BinaryMask[]> measure, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(data);
        int seen = 0, pictures = 0, masks = 0, limit = maxMasks ?? int.MaxValue;
        int all = Math.Min(data.Images.Count, maxImages ?? int.MaxValue);
        foreach (CocoImage image in data.Images.Take(all))
        {
            cancellation.ThrowIfCancellationRequested();
            if (masks == limit)
                break;

            // The picture first: masks are drawn at a size that somebody has only stated.
            RgbImage? picture = image.HasMasks && takes?.Invoke(image) != false ? PictureFailures.Read(image, reader, failures) : null;
            BinaryMask[] truths = picture is null ? [] : [.. image.DecodeMasks(minArea).Take(limit - masks)];
            if (truths.Length > 0)
            {
                measure(image, picture!, truths);
                masks += truths.Length;
                pictures++;
            }

            progress?.Report(new EvaluationProgress(++seen, all, masks));
        }

        return masks > 0 || takes is not null
            ? (pictures, masks)
            : throw PictureFailures.NoMasks(data, minArea, failures);
    }
}
