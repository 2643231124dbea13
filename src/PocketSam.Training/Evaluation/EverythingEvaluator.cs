using System.Diagnostics;
using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Measures <see cref="MaskGenerator"/>: for each true mask the best IoU of any mask found in its picture (natural for
/// TinySAM's Table 2, whose text does not say how it measured), and the time it took.
/// </summary>
/// <param name="generator">Finds the masks.</param>
/// <param name="reader">Decodes the data set's pictures.</param>
/// <param name="options">Which true masks count, and the input size.</param>
public sealed class EverythingEvaluator(MaskGenerator generator, PictureReader reader, EvaluationOptions options)
{
    /// <summary>Goes through a data set, picture by picture. Crowds are passed over.</summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="progress">Told after each picture.</param>
    /// <param name="cancellation">Looked at before each picture and each batch of points.</param>
    /// <exception cref="DataFormatException">
    /// A picture is missing or of another size than stated, or there is no mask to measure.
    /// </exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public EverythingResult Run(
        CocoDataset data, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        int pictures = 0, measured = 0, found = 0, masks = 0, limit = options.MaxMasks ?? int.MaxValue;
        double ious = 0, seconds = 0;
        foreach (CocoImage image in data.Images)
        {
            cancellation.ThrowIfCancellationRequested();
            RgbImage? picture = image.HasMasks && masks < limit ? PictureFailures.Read(image, reader, options.Failures) : null;
            Rle[] truths = picture is null
                ? [] : [.. image.DecodeMasks(options.MinArea).Take(limit - masks).Select(Rle.Encode)];
            if (truths.Length > 0)
            {
                long start = Stopwatch.GetTimestamp();
                IReadOnlyList<GeneratedMask> records
                    = generator.Generate(picture!, options.ImageSize, cancellation: cancellation);
                seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
                ious += truths.Sum(truth => records.Max(record => (double?)Rle.Iou(record.Segmentation, truth)) ?? 0);
                found += records.Count;
                masks += truths.Length;
                measured++;
            }

            progress?.Report(new EvaluationProgress(++pictures, data.Images.Count, masks));
        }

        return masks > 0
            ? new EverythingResult(ious / masks, (double)found / measured, seconds / measured)
            : throw PictureFailures.NoMasks(data, options.MinArea, "measure", options.Failures);
    }
}
