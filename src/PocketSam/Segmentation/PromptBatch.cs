using PocketSam.Models;

namespace PocketSam.Segmentation;

/// <summary>
/// Prompts that are decoded together: all with the same number of tokens, and all with or all without an initial mask.
/// So no prompt needs padding for another, and no result depends on the batch.
/// </summary>
internal sealed class PromptBatch
{
    private PromptBatch(IReadOnlyList<Prompt> prompts, int[] places, ImageGeometry geometry)
    {
        Places = places;
        Tokens = [.. places.SelectMany(place => TokensOf(prompts[place], geometry))];
        PreviousLogits = [.. places.Select(place => LogitsOf(prompts[place], geometry)).OfType<MaskLogits>()];
    }

    /// <summary>Indices of its prompts in the original list.</summary>
    public int[] Places { get; }

    /// <summary>The tokens of all its prompts.</summary>
    public PromptToken[] Tokens { get; }

    /// <summary>One mask for each prompt, or none.</summary>
    public MaskLogits[] PreviousLogits { get; }

    /// <summary>
    /// Groups prompts into batches; <paramref name="limit"/> gives the largest batch for a number of tokens.
    /// </summary>
    public static IEnumerable<PromptBatch> Split(
        IReadOnlyList<Prompt> prompts, ImageGeometry geometry, Func<int, int> limit)
        => Enumerable.Range(0, prompts.Count)
            .GroupBy(i => (Tokens: TokensOf(prompts[i], geometry).Count(), prompts[i].HasMask))
            .SelectMany(group => group.Chunk(limit(group.Key.Tokens)))
            .Select(places => new PromptBatch(prompts, places, geometry));

    private static MaskLogits? LogitsOf(Prompt prompt, ImageGeometry geometry)
        => prompt.InitialMask is { } mask ? MaskLogits.From(mask, geometry) : prompt.PreviousLogits;

    /// <summary>
    /// Points, then the box's corners. Points without a box are followed by one padding token, as in the reference; a
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
