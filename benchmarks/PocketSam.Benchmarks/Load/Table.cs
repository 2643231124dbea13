namespace PocketSam.Benchmarks.Load;

/// <summary>Figures, each beside its goal.</summary>
internal sealed class Table
{
    private readonly List<(string Name, double Value, string Unit, double? Goal)> _rows = [];

    /// <summary>Whether no figure is above its goal.</summary>
    public bool IsMet => _rows.All(row => row.Goal is not { } goal || row.Value <= goal);

    public void Add(string name, double value, string unit, double? goal = null) => _rows.Add((name, value, unit, goal));

    public void Print()
    {
        foreach ((string name, double value, string unit, double? goal) in _rows)
        {
            string aim = goal is { } most ? $"goal <= {most:0} {unit,-3} {(value <= most ? "met" : "MISSED")}" : "";
            Console.WriteLine($"{name,-46} {value,9:0.0} {unit,-3}  {aim}".TrimEnd());
        }
    }
}
