using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using PocketSam.Training.Benchmarks;

namespace PocketSam.Benchmarks;

/// <summary>
/// The speed of what counts its operations, as a fraction of the multiply-add peak of as many threads. The peak is measured
/// when the table is written: on a machine that others use too it is only about that of the runs.
/// </summary>
internal sealed class PeakColumn : IColumn
{
    private readonly Dictionary<int, double> _peaks = [];

    public string Id => nameof(PeakColumn);

    public string ColumnName => "Of peak";

    public string Legend => "Speed as a fraction of the multiply-add peak of as many threads";

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Metric;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(IsCounted);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => !IsCounted(benchmarkCase);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        if (!IsCounted(benchmarkCase) || summary[benchmarkCase]?.ResultStatistics is not { } statistics)
            return "-";
        var counted = (IHasFlops)Activator.CreateInstance(benchmarkCase.Descriptor.Type)!;
        foreach (var parameter in benchmarkCase.Parameters.Items)
            benchmarkCase.Descriptor.Type.GetProperty(parameter.Name)!.SetValue(counted, parameter.Value);
        if (!_peaks.TryGetValue(counted.Threads, out double peak))
            _peaks.Add(counted.Threads, peak = FmaPeak.Measure(counted.Threads));
        return (counted.Flops / statistics.Median / peak).ToString("0.0 %", CultureInfo.InvariantCulture);
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public override string ToString() => ColumnName;

    private static bool IsCounted(BenchmarkCase benchmarkCase) => benchmarkCase.Descriptor.Type.IsAssignableTo(typeof(IHasFlops));
}
