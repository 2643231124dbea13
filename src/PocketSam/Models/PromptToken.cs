namespace PocketSam.Models;

/// <summary>A point as the model's input: pixels of the input, shifted to pixel centres.</summary>
internal readonly record struct PromptToken(float X, float Y, PointLabel Label)
{
    /// <summary>The padding of a prompt without a box, as in the reference.</summary>
    public static PromptToken Padding => new(0, 0, PointLabel.None);
}

/// <summary>The kind of a point, with SAM's numbers.</summary>
internal enum PointLabel
{
    /// <summary>Not a point.</summary>
    None = -1,
    Background = 0,
    Foreground = 1,
    BoxTopLeft = 2,
    BoxBottomRight = 3,
}
