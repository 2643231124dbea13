namespace PocketSam;

/// <summary>A box around the object, in pixels of the upright picture.</summary>
/// <param name="Left">The left edge; 0 is the picture's.</param>
/// <param name="Top">The upper edge; 0 is the picture's.</param>
/// <param name="Right">The right edge, greater than Left; the width is the picture's.</param>
/// <param name="Bottom">The lower edge, greater than Top; the height is the picture's.</param>
public readonly record struct PromptBox(double Left, double Top, double Right, double Bottom)
{
    /// <summary>The part of the box in a picture; without area if there is none.</summary>
    internal PromptBox Within(int width, int height) => new(
        Math.Clamp(Left, 0, width), Math.Clamp(Top, 0, height), Math.Clamp(Right, 0, width), Math.Clamp(Bottom, 0, height));
}
