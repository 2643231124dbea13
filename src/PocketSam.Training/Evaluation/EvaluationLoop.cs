using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>The loop of all evaluators over the pictures of a data set and their masks.</summary>
/// <param name="reader">Decodes the pictures.</param>
/// <param name="minArea">The smallest area of a mask, in pixels; smaller masks and crowds are skipped.</param>
/// <param name="maxMasks">The number of masks to measure; null for all.</param>
/// <param name="failures">Collects pictures that cannot be used, which are left out; null to fail at the first.</param>
/// <param name="maxImages">The number of pictures to read; null for all.</param>
/// <param name="takes">Whether a picture is measured; null for all. If given, it is no error to have no mask to
/// measure.</param>
internal sealed class EvaluationLoop(
    PictureReader reader, int minArea, int? maxMasks, PictureFailures? failures, int? maxImages = null,
    Func<CocoImage, bool>? takes = null)
{
    /// <summary>The loop with the options of a measure.</summary>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="options">The pictures and masks to measure.</param>
    public static EvaluationLoop Of(PictureReader reader, MeasureOptions options)
        => new(reader, options.MinArea, options.MaxMasks, options.Failures, options.MaxImages);

    /// <summary>Runs over a data set, picture by picture.</summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="measure">Takes each picture that has masks, its pixels and its masks.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture.</param>
    /// <returns>The number of pictures and masks measured.</returns>
    /// <exception cref="DataFormatException">A picture is missing or has another size than stated, or there is no mask
    /// to measure.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
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

            // Reads the picture first, which checks the stated size before masks of that size are allocated.
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
