namespace PocketSam.Onnx.Graphs;

/// <summary>
/// Names of the values that hold sizes known only at the call, each an int64 vector of one element; null where the size
/// is fixed.
/// </summary>
/// <param name="Batch">Number of objects.</param>
/// <param name="Rows">Rows of patches in the picture.</param>
/// <param name="Columns">Columns of patches in the picture.</param>
internal readonly record struct CallSizes(string? Batch = null, string? Rows = null, string? Columns = null);
