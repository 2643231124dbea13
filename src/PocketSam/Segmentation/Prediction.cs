namespace PocketSam;

/// <summary>The model's answer to one <see cref="Prompt"/>.</summary>
public sealed class Prediction
{
    internal Prediction(IReadOnlyList<Mask> masks)
    {
        Masks = masks;
        Best = masks.MaxBy(m => m.PredictedIou)!;
    }

    /// <summary>One mask, or several that may be meant, in the model's order.</summary>
    public IReadOnlyList<Mask> Masks { get; }

    /// <summary>The mask of the highest predicted IoU, the first of equals.</summary>
    public Mask Best { get; }
}
