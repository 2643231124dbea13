namespace PocketSam.Training.Evaluation;

/// <summary>
/// What was measured in one picture. Reports are made of records in the order of the pictures, so those of several processes, put in that
/// order, give the very numbers that one process gives.
/// </summary>
/// <param name="Place">The place of the picture in its data set.</param>
/// <param name="Values">Numbers by what was measured, most of them one for each mask; none where there was nothing to measure.</param>
public sealed record PictureRecord(int Place, IReadOnlyDictionary<string, double[]> Values)
{
    /// <summary>The pixels of each mask that was measured.</summary>
    internal const string Areas = "area";

    /// <summary>The time that the model took.</summary>
    internal const string Seconds = "seconds";

    /// <summary>How the values of the best of the masks that were offered are called: the protocol's name and this.</summary>
    internal const string Oracle = "/oracle";

    /// <summary>The masks that the model found, where these are counted; null where they are not, or where the picture is left out.</summary>
    public IReadOnlyList<BoxMask>? Masks { get; init; }

    /// <summary>The case of the picture that came out best, where there is any.</summary>
    public EvaluationCase? Best { get; init; }

    /// <summary>The one that came out worst.</summary>
    public EvaluationCase? Worst { get; init; }

    /// <summary>Why the picture is left out; null where it is not.</summary>
    public string? Error { get; init; }

    /// <summary>The masks that were measured or found.</summary>
    internal int Count => Masks?.Count ?? Values.GetValueOrDefault(Areas)?.Length ?? 0;

    /// <summary>The numbers of a name.</summary>
    /// <exception cref="DataFormatException">There are none, or not so many.</exception>
    internal double[] Read(string name, int count)
        => Values.GetValueOrDefault(name) is { } values && values.Length == count ? values
            : throw new DataFormatException(
                $"picture {Place + 1}: '{name}' has {Values.GetValueOrDefault(name)?.Length ?? 0} numbers, not {count}");

    /// <summary>The one number of a name.</summary>
    /// <exception cref="DataFormatException">There is none, or there are several.</exception>
    internal double Number(string name) => Read(name, 1)[0];

    /// <summary>The masks that were measured in all pictures.</summary>
    /// <exception cref="DataFormatException">There are none.</exception>
    internal static int MasksOf(IReadOnlyDictionary<string, string> facts, IEnumerable<PictureRecord> records)
        => records.Sum(record => record.Count) is var masks and > 0 ? masks
            : throw new DataFormatException(facts.Fact(MeasureFacts.Data), "no mask was measured");

    /// <summary>All values of a name, picture by picture, with what goes with them.</summary>
    /// <exception cref="DataFormatException">A value is no intersection over union.</exception>
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
