namespace PocketSam;

/// <summary>A point of a prompt, in pixels of the upright picture; integers are pixel centres.</summary>
/// <param name="X">Column, from 0 to below the width.</param>
/// <param name="Y">Row, from 0 to below the height.</param>
/// <param name="IsForeground">Whether the point is on the object rather than off it.</param>
public readonly record struct PromptPoint(double X, double Y, bool IsForeground = true);
