namespace PocketSam.Training.Evaluation;

/// <summary>A click on a picture.</summary>
/// <param name="X">Column of the pixel.</param>
/// <param name="Y">Row of the pixel.</param>
/// <param name="IsForeground">Whether the pixel belongs to the object, or must not.</param>
internal readonly record struct Click(int X, int Y, bool IsForeground);
