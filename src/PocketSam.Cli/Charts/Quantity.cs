namespace PocketSam.Cli.Charts;

/// <summary>What the values of a curve are, in the order in which they are drawn.</summary>
internal enum Quantity
{
    /// <summary>A loss, at least 0.</summary>
    Loss,

    /// <summary>A mean IoU, 0 to 1.</summary>
    Iou,

    /// <summary>The optimiser's rate.</summary>
    LearningRate,
}
