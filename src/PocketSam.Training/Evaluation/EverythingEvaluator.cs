using System.Diagnostics;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Measures <see cref="MaskGenerator"/>: the IoU of each ground-truth mask with the best generated mask of its picture,
/// and the time. TinySAM's Table 2 does not state how its IoU is computed.
/// </summary>
/// <param name="generator">Generates the masks.</param>
/// <param name="reader">Decodes the data set's pictures.</param>
/// <param name="options">The ground-truth masks to measure, and the input size.</param>
public sealed class EverythingEvaluator(MaskGenerator generator, PictureReader reader, EvaluationOptions options)
{
    /// <summary>Runs over a data set, picture by picture. Crowds are skipped.</summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and each batch of points.</param>
    /// <exception cref="DataFormatException">A picture is missing or has another size than stated, or there is no mask
    /// to measure.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public EverythingResult Run(
        CocoDataset data, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        int found = 0;
        double ious = 0, seconds = 0;
        (int pictures, int masks) = new EvaluationLoop(reader, options.MinArea, options.MaxMasks, options.Failures).Run(
            data,
            (_, picture, truths) =>
            {
                long start = Stopwatch.GetTimestamp();
                IReadOnlyList<GeneratedMask> records
                    = generator.Generate(picture, options.ImageSize, cancellation: cancellation);
                seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
                ious += truths.Select(Rle.Encode).Sum(
                    truth => records.Max(record => (double?)Rle.Iou(record.Segmentation, truth)) ?? 0);
                found += records.Count;
            },
            progress, cancellation);
        return new EverythingResult(ious / masks, (double)found / pictures, seconds / pictures);
    }
}
