namespace PocketSam.Cli.Pictures;

/// <summary>The pictures found, and the files that were skipped.</summary>
/// <param name="Jobs">The pictures, in order.</param>
/// <param name="PassedOver">Number of files or folders skipped, by reason.</param>
internal sealed record PictureSearch(IReadOnlyList<PictureJob> Jobs, IReadOnlyDictionary<string, int> PassedOver)
{
    /// <summary>A message for each reason.</summary>
    public IEnumerable<string> Lines => PassedOver.Select(reason => $"passed over: {reason.Value} {reason.Key}");
}
