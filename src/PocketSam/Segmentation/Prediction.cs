namespace PocketSam;

/// <summary>The result of one <see cref="Prompt"/>.</summary>
public sealed class Prediction
{
    /// <param name="masks">All masks.</param>
    /// <param name="best">The best mask; null for the one with the highest predicted IoU.</param>
    internal Prediction(IReadOnlyList<Mask> masks, Mask? best = null)
    {
        Masks = masks;
        Best = best ?? masks.MaxBy(m => m.PredictedIou)!;
    }

    /// <summary>One mask, or several candidates, in the model's order.</summary>
    public IReadOnlyList<Mask> Masks { get; }

    /// <summary>
    /// The best mask: the one with the highest predicted IoU, the first of equals. For a single click on a model with
    /// <see cref="FirstMask.Single"/>, the first of <see cref="Masks"/>, to which the others are alternatives.
    /// </summary>
    public Mask Best { get; }

    private int BestIndex => Masks.Index().First(mask => mask.Item == Best).Index;

    /// <summary>The same masks, each with the pixels of its box only.</summary>
    public CroppedPrediction ToCropped() => new(
        [.. Masks.Select(mask => new CroppedMask(mask))], BestIndex);

    /// <summary>The prediction with <see cref="Mask.RemoveSmallRegions"/> applied to each mask.</summary>
    /// <param name="share">Fraction of a mask's area, 0 to 1; 0 changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public Prediction RemoveSmallRegions(double share)
    {
        Mask[] masks = [.. Masks.Select(mask => mask.RemoveSmallRegions(share))];
        return new Prediction(masks, masks[BestIndex]);
    }
}
