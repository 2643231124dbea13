namespace PocketSam.Training.Evaluation;

/// <summary>
/// The measured values of one picture, mask by mask. Reports are made from records in the order of the pictures, so
/// that the records of several processes give the same numbers as one process.
/// </summary>
/// <param name="Image">The picture's <see cref="CocoImage.Id"/>.</param>
/// <param name="Values">A value for each of its masks, by name: names of protocols, and related values.</param>
public sealed record PictureRecord(long Image, IReadOnlyDictionary<string, double[]> Values)
{
    /// <summary>The suffix of a protocol's name for the values of its oracle.</summary>
    internal const string Oracle = "/oracle";

    /// <summary>The name of the values of the box baseline.</summary>
    internal const string BaselineBox = "baseline/box";

    /// <summary>The name of the values of the ellipse baseline.</summary>
    internal const string BaselineEllipse = "baseline/ellipse";

    /// <summary>Number of masks measured.</summary>
    internal int Masks => Values.TryGetValue(BaselineBox, out double[]? boxes) ? boxes.Length : 0;

    /// <summary>Accumulates all values of a name, with those of its oracle.</summary>
    internal static IouAccumulator Gather(IEnumerable<PictureRecord> records, string name)
    {
        var ious = new IouAccumulator();
        foreach (PictureRecord record in records)
        {
            double[] values = record.Values.GetValueOrDefault(name) ?? [];
            double[]? oracles = record.Values.GetValueOrDefault(name + Oracle);
            if (oracles is not null && oracles.Length != values.Length)
                throw new ArgumentOutOfRangeException(nameof(records), $"{oracles.Length} best masks of {values.Length}");
            for (int i = 0; i < values.Length; i++)
            {
                if (oracles is null)
                    ious.Add(values[i]);
                else
                    ious.Add(values[i], oracles[i]);
            }
        }

        return ious;
    }
}
