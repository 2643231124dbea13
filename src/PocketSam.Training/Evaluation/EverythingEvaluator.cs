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
        ArgumentNullException.ThrowIfNull(data);
        var mode = new EverythingMode(generator);
        return new EvaluationLoop(reader, options.MinArea, options.MaxMasks, options.Failures).Over(
            data, MeasureFacts.Of(mode.Name, null, data.Path),
            (_, picture, truths, _, cancellation) =>
            {
                var values = new Dictionary<string, double[]>();
                mode.Measure(picture, [.. truths.Select(Rle.Encode)], options.ImageSize, values, cancellation);
                return values;
            },
            (records, _) => EverythingMode.Sum(mode.Name, records)).Run(progress, cancellation);
    }
}
