namespace PocketSam.Training.Evaluation.Edges;

/// <summary>An array of a MATLAB file.</summary>
/// <param name="Name">The variable's name; empty for elements of other arrays.</param>
/// <param name="Size">Rows, columns, and further dimensions.</param>
internal sealed record MatArray(string Name, int[] Size)
{
    /// <summary>The elements of a numeric or logical array in column-major order; null for others.</summary>
    public double[]? Values { get; init; }

    /// <summary>The elements of a cell array in column-major order; null for others.</summary>
    public IReadOnlyList<MatArray>? Cells { get; init; }

    /// <summary>The fields of a structure array, with one array per element; null for others.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<MatArray>>? Fields { get; init; }
}
