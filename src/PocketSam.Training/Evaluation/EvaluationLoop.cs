using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>Measures a picture; returns the values of each measured quantity by name.</summary>
/// <param name="image">The picture's entry in the data set.</param>
/// <param name="picture">Its pixels.</param>
/// <param name="truths">The ground-truth masks to measure, at least one.</param>
/// <param name="cases">Receives a case for each mask.</param>
/// <param name="cancellation">Checked before each batch of prompts.</param>
internal delegate Dictionary<string, double[]> MeasurePicture(
    CocoImage image, RgbImage picture, BinaryMask[] truths, PictureCases cases, CancellationToken cancellation);

/// <summary>Applies a measure to the pictures of a data set and their ground-truth masks.</summary>
/// <param name="reader">Decodes the pictures.</param>
/// <param name="minArea">The smallest area of a mask, in pixels; smaller masks and crowds are skipped.</param>
/// <param name="maxMasks">The number of masks to measure; null for all.</param>
/// <param name="failures">Collects pictures that cannot be used, which are left out; null to fail at the first.</param>
/// <param name="maxImages">The number of pictures to read; null for all.</param>
internal sealed class EvaluationLoop(PictureReader reader, int minArea, int? maxMasks, PictureFailures? failures, int? maxImages = null)
{
    /// <summary>The loop with the options of a measure.</summary>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="options">The pictures and masks to measure.</param>
    public static EvaluationLoop Of(PictureReader reader, MeasureOptions options)
        => new(reader, options.MinArea, options.MaxMasks, options.Failures, options.MaxImages);

    /// <summary>Creates a measure of a data set that gives a <see cref="MeasureReport"/>.</summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="facts">The settings that determine the numbers, by name.</param>
    /// <param name="measure">Measures a picture that has ground-truth masks.</param>
    /// <param name="report">Makes the report from the records of all pictures.</param>
    public PictureMeasure<MeasureReport> Over(
        CocoDataset data, IReadOnlyDictionary<string, string> facts, MeasurePicture measure,
        Func<IReadOnlyDictionary<string, string>, IReadOnlyList<PictureRecord>, MeasureReport> report)
        => Over(data, facts, measure, (records, start) => report(facts, records).WithTimeSince(start));

    /// <summary>Creates a measure of a data set.</summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="facts">The settings that determine the numbers, by name.</param>
    /// <param name="measure">Measures a picture that has ground-truth masks.</param>
    /// <param name="report">Makes the report from the records of all pictures, and the timestamp of the start.</param>
    public PictureMeasure<TReport> Over<TReport>(
        CocoDataset data, IReadOnlyDictionary<string, string> facts, MeasurePicture measure, Func<IReadOnlyList<PictureRecord>, long, TReport> report)
        => new(
            facts, data.Images.Count, place => PictureKey.Of(data.Path, data.Images[place]),
            (place, most, cancellation) => Measure(data.Images[place], place, most, measure, cancellation),
            (records, start, _) => records.Any(record => record.Count > 0)
                ? report(records, start) : throw PictureFailures.NoMasks(data, minArea, failures))
        {
            MaxMasks = maxMasks ?? int.MaxValue, MaxImages = maxImages ?? int.MaxValue,
        };

    private PictureRecord Measure(CocoImage image, int place, int most, MeasurePicture measure, CancellationToken cancellation)
    {
        // Reads the picture first, which checks the stated size before masks of that size are allocated.
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
