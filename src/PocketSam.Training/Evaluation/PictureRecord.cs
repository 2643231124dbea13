namespace PocketSam.Training.Evaluation;

/// <summary>
/// What was measured in one picture, mask by mask. Reports are made of records in the order of the pictures, so those of
/// several processes, put in that order, give the very numbers that one process gives.
/// </summary>
/// <param name="Image">The picture's <see cref="CocoImage.Id"/>.</param>
/// <param name="Values">A value for each of its masks, by what was measured: names of protocols and what goes with them.</param>
public sealed record PictureRecord(long Image, IReadOnlyDictionary<string, double[]> Values)
{
    /// <summary>How the values of the best of the masks that were offered are called: the protocol's name and this.</summary>
    internal const string Oracle = "/oracle";

    /// <summary>The values of the box itself.</summary>
    internal const string BaselineBox = "baseline/box";

    /// <summary>The values of the ellipse in the box.</summary>
    internal const string BaselineEllipse = "baseline/ellipse";

    /// <summary>The masks that were measured.</summary>
    internal int Masks => Values.TryGetValue(BaselineBox, out double[]? boxes) ? boxes.Length : 0;

    /// <summary>All values of a name, picture by picture, with what goes with them.</summary>
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
