namespace PocketSam.Training.Data;

/// <summary>
/// Pictures of data sets that cannot be used, up to a limit: whoever goes through a set leaves them out, and tells of them at
/// the end. May be used from several threads.
/// </summary>
/// <param name="limit">Pictures that may fail; the next one ends the work.</param>
public sealed class PictureFailures(int limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _reasons = [];

    /// <summary>Why each could not be used, with its name.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_lock)
                return [.. _reasons.Values];
        }
    }

    /// <summary>Why a picture could not be used; null where nothing was noted of it.</summary>
    /// <param name="path">The picture.</param>
    public string? ReasonOf(string path)
    {
        lock (_lock)
            return _reasons.GetValueOrDefault(path);
    }

    /// <summary>Notes a picture; the same one counts once.</summary>
    /// <param name="path">The picture.</param>
    /// <param name="reason">What is wrong with it, with its name.</param>
    /// <exception cref="DataFormatException">These are more than the limit; the message has the first.</exception>
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

    /// <summary>What is thrown where a data set has nothing to measure: why, as far as that is known.</summary>
    internal static DataFormatException NoMasks(CocoDataset data, int minArea, PictureFailures? failures)
        => failures?.Messages switch
        {
            [var only] => new DataFormatException(only),
            [var first, ..] and { Count: var count } => new DataFormatException(
                data.Path, $"{count} pictures cannot be used, the first: {first}"),
            _ => new DataFormatException(data.Path, $"no mask of at least {minArea} pixels to measure{LeftOut(data)}"),
        };

    /// <summary>The annotations that were left out of a data set, as the end of a sentence.</summary>
    internal static string LeftOut(CocoDataset data) => data.LeftOutCount == 0
        ? "" : $"; {data.LeftOutCount} annotations were left out, the first: {data.LeftOut[0]}";

    /// <summary>Reads a picture of a set; null for one that cannot be used, which is noted.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="reader">Decodes it.</param>
    /// <param name="failures">Where it is noted; null passes on what is thrown.</param>
    /// <exception cref="IOException">There is nowhere to note it, or there are too many.</exception>
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
