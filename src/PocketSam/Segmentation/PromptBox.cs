namespace PocketSam;

/// <summary>A box around the object, in pixels of the upright picture.</summary>
/// <param name="Left">The left edge, from 0.</param>
/// <param name="Top">The upper edge, from 0.</param>
/// <param name="Right">The right edge, above the left one, at most the width.</param>
/// <param name="Bottom">The lower edge, below the upper one, at most the height.</param>
public readonly record struct PromptBox(double Left, double Top, double Right, double Bottom);
