namespace PocketSam.Onnx.Graphs;

/// <summary>Names of vectors of one integer that hold sizes which depend on the call; null for those that do not.</summary>
/// <param name="Batch">Objects.</param>
/// <param name="Rows">Patches in a column of the picture.</param>
/// <param name="Columns">Patches in a row of it.</param>
internal readonly record struct CallSizes(string? Batch = null, string? Rows = null, string? Columns = null);
