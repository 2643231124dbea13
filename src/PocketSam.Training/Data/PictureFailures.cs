namespace PocketSam.Training.Data;

/// <summary>
/// Collects pictures of data sets that cannot be used, up to a limit, so that they are skipped and reported at the end.
/// Thread-safe.
/// </summary>
/// <param name="limit">Number of pictures that may fail; the next one throws.</param>
public sealed class PictureFailures(int limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _reasons = [];

    /// <summary>The reason for each picture, with its name.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_lock)
                return [.. _reasons.Values];
        }
    }

    /// <summary>The reason why a picture cannot be used; null if it has not failed.</summary>
    /// <param name="path">Path of the picture.</param>
    public string? ReasonOf(string path)
    {
        lock (_lock)
            return _reasons.GetValueOrDefault(path);
    }

    /// <summary>Adds a picture; each counts once.</summary>
    /// <param name="path">Path of the picture.</param>
    /// <param name="reason">The reason, with the picture's name.</param>
    /// <exception cref="DataFormatException">
    /// There are more failures than the limit; the message has the first.
    /// </exception>
    public void Add(string path, string reason)
    {
        lock (_lock)
        {
            _reasons.TryAdd(path, reason);
            if (_reasons.Count > limit)
            {
                throw new DataFormatException(
                    path, $"the picture is one of more than {limit} that cannot be used, the first: {_reasons.Values.First()}");
            }
        }
    }

    /// <summary>The exception for a data set without masks to measure, with the reason if it is known.</summary>
    internal static DataFormatException NoMasks(CocoDataset data, int minArea, PictureFailures? failures)
        => failures?.Messages switch
        {
            [var only] => new DataFormatException(only),
            [var first, ..] and { Count: var count } => new DataFormatException(
                data.Path, $"{count} pictures cannot be used, the first: {first}"),
            _ => new DataFormatException(data.Path, $"no mask of at least {minArea} pixels to measure{LeftOut(data)}"),
        };

    /// <summary>The number of annotations left out of a data set, as the end of a sentence.</summary>
    internal static string LeftOut(CocoDataset data) => data.LeftOutCount == 0
        ? "" : $"; {data.LeftOutCount} annotations were left out, the first: {data.LeftOut[0]}";

    /// <summary>Reads a picture of a set; returns null, and records the failure, if it cannot be used.</summary>
    /// <param name="image">Path of the picture.</param>
    /// <param name="reader">Decodes the picture.</param>
    /// <param name="failures">Receives the failure; if null, the exception is passed on.</param>
    /// <exception cref="IOException">
    /// The picture cannot be used and <paramref name="failures"/> is null, or there are too many failures.
    /// </exception>
    internal static RgbImage? Read(CocoImage image, PictureReader reader, PictureFailures? failures)
    {
        try
        {
            return image.ReadPicture(reader);
        }
        catch (Exception e) when (failures is not null && e is IOException or UnauthorizedAccessException)
        {
            failures!.Add(image.Path, e.Message);
            return null;
        }
    }
}
