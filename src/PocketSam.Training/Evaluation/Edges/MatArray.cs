namespace PocketSam.Training.Evaluation.Edges;

/// <summary>An array of a MATLAB file.</summary>
/// <param name="Name">The variable's name; empty within others.</param>
/// <param name="Size">Rows, columns, and further sides.</param>
internal sealed record MatArray(string Name, int[] Size)
{
    /// <summary>Numbers of a numeric or logical array, column by column; null for others.</summary>
    public double[]? Values { get; init; }

    /// <summary>Cells of a cell array, column by column; null for others.</summary>
    public IReadOnlyList<MatArray>? Cells { get; init; }

    /// <summary>Of a structure the arrays of each field, one an element; null for others.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<MatArray>>? Fields { get; init; }
}
