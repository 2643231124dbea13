using PocketSam.Models;

namespace PocketSam.Segmentation;

/// <summary>
/// Prompts that the decoder takes at once: all with the same number of tokens, all with a mask to start from or all
/// without. So no prompt is filled up for another's sake, and none depends on its company.
/// </summary>
internal sealed class PromptBatch
{
    private PromptBatch(IReadOnlyList<Prompt> prompts, int[] places, ImageGeometry geometry)
    {
        Places = places;
        Tokens = [.. places.SelectMany(place => TokensOf(prompts[place], geometry))];
        PreviousLogits = [.. places.Select(place => LogitsOf(prompts[place], geometry)).OfType<MaskLogits>()];
    }

    /// <summary>Where its prompts stand in the list they come from.</summary>
    public int[] Places { get; }

    /// <summary>The tokens of all of them.</summary>
    public PromptToken[] Tokens { get; }

    /// <summary>One for each prompt, or none at all.</summary>
    public MaskLogits[] PreviousLogits { get; }

    /// <summary>Sorts prompts into batches of at most <paramref name="limit"/>, which is given their number of tokens.</summary>
    public static IEnumerable<PromptBatch> Split(
        IReadOnlyList<Prompt> prompts, ImageGeometry geometry, Func<int, int> limit)
        => Enumerable.Range(0, prompts.Count)
            .GroupBy(i => (Tokens: TokensOf(prompts[i], geometry).Count(), prompts[i].HasMask))
            .SelectMany(group => group.Chunk(limit(group.Key.Tokens)))
            .Select(places => new PromptBatch(prompts, places, geometry));

    private static MaskLogits? LogitsOf(Prompt prompt, ImageGeometry geometry)
        => prompt.InitialMask is { } mask ? MaskLogits.From(mask, geometry) : prompt.PreviousLogits;

    /// <summary>
    /// Points, then the box's corners. After points without a box comes one token that says so, as in the reference; a
    /// mask alone has no tokens.
    /// </summary>
    private static IEnumerable<PromptToken> TokensOf(Prompt prompt, ImageGeometry geometry)
    {
        foreach (PromptPoint point in prompt.Points)
        {
            PointLabel label = point.IsForeground ? PointLabel.Foreground : PointLabel.Background;
            yield return geometry.ToToken(point.X, point.Y, label);
        }

        if (prompt.BoundingBox?.Within(geometry.Width, geometry.Height) is not { } box)
        {
            if (prompt.Points.Count > 0)
                yield return PromptToken.Padding;
            yield break;
        }

        yield return geometry.ToToken(box.Left, box.Top, PointLabel.BoxTopLeft);
        yield return geometry.ToToken(box.Right, box.Bottom, PointLabel.BoxBottomRight);
    }
}
