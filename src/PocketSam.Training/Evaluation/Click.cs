namespace PocketSam.Training.Evaluation;

/// <summary>A click on a pixel of a picture.</summary>
/// <param name="X">Column of the pixel, from 0.</param>
/// <param name="Y">Row of the pixel, from 0.</param>
/// <param name="IsForeground">Whether the pixel belongs to the object.</param>
internal readonly record struct Click(int X, int Y, bool IsForeground);
