namespace PocketSam.Cli.Charts;

/// <summary>The quantity of a curve's values, in the order of the panels.</summary>
internal enum Quantity
{
    /// <summary>A loss, at least 0.</summary>
    Loss,

    /// <summary>A mean IoU, 0 to 1.</summary>
    Iou,

    /// <summary>The optimiser's learning rate.</summary>
    LearningRate,
}
