namespace PocketSam.Cli.Pictures;

/// <summary>The pictures that were found, and what was not taken for one.</summary>
/// <param name="Jobs">The pictures, in their order.</param>
/// <param name="PassedOver">How many files or folders were passed over, by reason.</param>
internal sealed record PictureSearch(IReadOnlyList<PictureJob> Jobs, IReadOnlyDictionary<string, int> PassedOver)
{
    /// <summary>A line for each reason.</summary>
    public IEnumerable<string> Lines => PassedOver.Select(reason => $"passed over: {reason.Value} {reason.Key}");
}
