namespace PocketSam.Models;

/// <summary>One point as the model sees it: pixels of its input, shifted to pixel centres.</summary>
internal readonly record struct PromptToken(float X, float Y, PointLabel Label)
{
    /// <summary>Fills up a prompt without a box, as the reference does.</summary>
    public static PromptToken Padding => new(0, 0, PointLabel.None);
}

/// <summary>What a point is; the numbers are SAM's.</summary>
internal enum PointLabel
{
    /// <summary>Not a point.</summary>
    None = -1,
    Background = 0,
    Foreground = 1,
    BoxTopLeft = 2,
    BoxBottomRight = 3,
}
