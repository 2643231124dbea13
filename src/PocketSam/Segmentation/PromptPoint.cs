namespace PocketSam;

/// <summary>A point of a prompt, in pixels of the upright picture; pixel centres are whole numbers.</summary>
/// <param name="X">From the left, from 0 to below the width.</param>
/// <param name="Y">From the top, from 0 to below the height.</param>
/// <param name="IsForeground">Whether the object is there, or is not.</param>
public readonly record struct PromptPoint(double X, double Y, bool IsForeground = true);
