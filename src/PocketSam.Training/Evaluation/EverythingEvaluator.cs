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
