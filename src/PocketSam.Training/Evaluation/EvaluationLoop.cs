using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>Measures a picture.</summary>
/// <param name="image">The picture's entry in the data set.</param>
/// <param name="picture">Its pixels.</param>
/// <param name="truths">The masks that count, at least one.</param>
/// <param name="cases">Takes the cases.</param>
/// <param name="cancellation">Looked at before each batch of prompts.</param>
internal delegate Dictionary<string, double[]> MaskedPicture(
    CocoImage image, RgbImage picture, BinaryMask[] truths, PictureCases cases, CancellationToken cancellation);

/// <summary>The pictures of a data set with the masks that count, for all evaluators.</summary>
/// <param name="reader">Decodes the pictures.</param>
/// <param name="minArea">Smaller masks, in pixels of the picture, are passed over, as are crowds.</param>
/// <param name="maxMasks">Ends after as many masks, or null for all.</param>
/// <param name="failures">Takes pictures that cannot be used, which are left out; null ends at the first.</param>
/// <param name="maxImages">Looks at no more pictures, or null for all.</param>
internal sealed class EvaluationLoop(PictureReader reader, int minArea, int? maxMasks, PictureFailures? failures, int? maxImages = null)
{
    /// <summary>The loop with the options of a measure.</summary>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="options">The pictures and masks to measure.</param>
    public static EvaluationLoop Of(PictureReader reader, MeasureOptions options)
        => new(reader, options.MinArea, options.MaxMasks, options.Failures, options.MaxImages);

    /// <summary>A measure of a paper of all pictures of a data set.</summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="facts">What decides the numbers.</param>
    /// <param name="measure">Measures a picture that has masks.</param>
    /// <param name="report">Makes the report of all.</param>
    public PictureMeasure<MeasureReport> Over(
        CocoDataset data, IReadOnlyDictionary<string, string> facts, MaskedPicture measure,
        Func<IReadOnlyDictionary<string, string>, IReadOnlyList<PictureRecord>, MeasureReport> report)
        => Over(data, facts, measure, (records, start) => report(facts, records).Taking(start));

    /// <summary>A measure of all pictures of a data set.</summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="facts">What decides the numbers.</param>
    /// <param name="measure">Measures a picture that has masks.</param>
    /// <param name="report">Makes the report of all, given when measuring began.</param>
    public PictureMeasure<TReport> Over<TReport>(
        CocoDataset data, IReadOnlyDictionary<string, string> facts, MaskedPicture measure, Func<IReadOnlyList<PictureRecord>, long, TReport> report)
        => new(
            facts, data.Images.Count, place => PictureKey.Of(data.Path, data.Images[place]),
            (place, most, cancellation) => Measure(data.Images[place], place, most, measure, cancellation),
            (records, start, _) => records.Any(record => record.Count > 0)
                ? report(records, start) : throw PictureFailures.NoMasks(data, minArea, failures))
        {
            MaxMasks = maxMasks ?? int.MaxValue, MaxImages = maxImages ?? int.MaxValue,
        };

    private PictureRecord Measure(CocoImage image, int place, int most, MaskedPicture measure, CancellationToken cancellation)
    {
        // The picture first: masks are drawn at a size that somebody has only stated.
        RgbImage? picture = image.HasMasks ? PictureFailures.Read(image, reader, failures) : null;
        BinaryMask[] truths = picture is null ? [] : [.. image.DecodeMasks(minArea).Take(most)];
        if (truths.Length == 0)
        {
            return new PictureRecord(place, new Dictionary<string, double[]>())
            {
                Error = image.HasMasks && picture is null ? failures?.ReasonOf(image.Path) : null,
            };
        }

        var cases = new PictureCases();
        Dictionary<string, double[]> values = measure(image, picture!, truths, cases, cancellation);
        values[PictureRecord.Areas] = [.. truths.Select(truth => (double)truth.Area)];
        return new PictureRecord(place, values) { Best = cases.Best, Worst = cases.Worst };
    }
}
