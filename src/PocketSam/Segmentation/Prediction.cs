namespace PocketSam;

/// <summary>The model's answer to one <see cref="Prompt"/>.</summary>
public sealed class Prediction
{
    /// <param name="masks">All masks.</param>
    /// <param name="best">The one to show first; null for that of the highest predicted IoU.</param>
    internal Prediction(IReadOnlyList<Mask> masks, Mask? best = null)
    {
        Masks = masks;
        Best = best ?? masks.MaxBy(m => m.PredictedIou)!;
    }

    /// <summary>One mask, or several that may be meant, in the model's order.</summary>
    public IReadOnlyList<Mask> Masks { get; }

    /// <summary>
    /// The mask to show first: that of the highest predicted IoU, the first of equals; for a single click, where the model's
    /// <see cref="SamConfig.FirstMask"/> says so, the first of <see cref="Masks"/>, to which the others are alternatives.
    /// </summary>
    public Mask Best { get; }

    /// <summary>The same with each mask as <see cref="Mask.RemoveSmallRegions"/> gives it.</summary>
    /// <param name="share">Of a mask's area, 0 to 1; 0 keeps all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    public Prediction RemoveSmallRegions(double share)
    {
        Mask[] masks = [.. Masks.Select(mask => mask.RemoveSmallRegions(share))];
        return new Prediction(masks, masks[Masks.Index().First(mask => mask.Item == Best).Index]);
    }
}
