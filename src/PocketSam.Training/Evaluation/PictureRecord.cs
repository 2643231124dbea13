namespace PocketSam.Training.Evaluation;

/// <summary>
/// The measured values of one picture. Reports are made from records in the order of the pictures, so that the records
/// of several processes give the same numbers as one process.
/// </summary>
/// <param name="Place">Index of the picture in its data set, from 0.</param>
/// <param name="Values">
/// The values of each measured quantity by name, most with a value for each mask; empty if there is nothing to measure.
/// </param>
public sealed record PictureRecord(int Place, IReadOnlyDictionary<string, double[]> Values)
{
    /// <summary>The name of the areas of the measured masks, in pixels.</summary>
    internal const string Areas = "area";

    /// <summary>The name of the model's time, in seconds.</summary>
    internal const string Seconds = "seconds";

    /// <summary>The suffix of a protocol's name for the values of its oracle.</summary>
    internal const string Oracle = "/oracle";

    /// <summary>
    /// The masks that the model predicts, for AP and AR; null for other measures, or if the picture is left out.
    /// </summary>
    public IReadOnlyList<BoxMask>? Masks { get; init; }

    /// <summary>The case with the highest value; null if there is none.</summary>
    public EvaluationCase? Best { get; init; }

    /// <summary>The case with the lowest value; null if there is none.</summary>
    public EvaluationCase? Worst { get; init; }

    /// <summary>Why the picture is left out; null if it is not.</summary>
    public string? Error { get; init; }

    /// <summary>The number of masks measured or predicted.</summary>
    internal int Count => Masks?.Count ?? Values.GetValueOrDefault(Areas)?.Length ?? 0;

    /// <summary>The values of a name.</summary>
    /// <exception cref="DataFormatException">There are no values of this name, or another number of them.</exception>
    internal double[] Read(string name, int count)
        => Values.GetValueOrDefault(name) is { } values && values.Length == count ? values
            : throw new DataFormatException(
                $"picture {Place + 1}: '{name}' has {Values.GetValueOrDefault(name)?.Length ?? 0} numbers, not {count}");

    /// <summary>The single value of a name.</summary>
    /// <exception cref="DataFormatException">There is no value, or more than one.</exception>
    internal double Number(string name) => Read(name, 1)[0];

    /// <summary>The number of masks measured in all pictures.</summary>
    /// <exception cref="DataFormatException">No mask was measured.</exception>
    internal static int MasksOf(IReadOnlyDictionary<string, string> facts, IEnumerable<PictureRecord> records)
        => records.Sum(record => record.Count) is var masks and > 0 ? masks
            : throw new DataFormatException(facts.Fact(MeasureFacts.Data), "no mask was measured");

    /// <summary>Accumulates the IoU values of a name, picture by picture, with those of its oracle.</summary>
    /// <exception cref="DataFormatException">A value is not from 0 to 1, or above that of the oracle.</exception>
    internal static IouAccumulator Gather(IEnumerable<PictureRecord> records, string name)
    {
        var ious = new IouAccumulator();
        try
        {
            foreach (PictureRecord record in records)
            {
                double[] values = record.Values.GetValueOrDefault(name) ?? [];
                double[]? oracles = record.Values.ContainsKey(name + Oracle) ? record.Read(name + Oracle, values.Length) : null;
                for (int i = 0; i < values.Length; i++)
                {
                    if (oracles is null)
                        ious.Add(values[i]);
                    else
                        ious.Add(values[i], oracles[i]);
                }
            }
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new DataFormatException($"{name}: a value is not from 0 to 1, or above that of the best mask");
        }

        return ious;
    }
}
