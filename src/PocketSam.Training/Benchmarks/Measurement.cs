namespace PocketSam.Training.Benchmarks;

/// <summary>One line of a benchmark.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Threads">Threads it ran on.</param>
/// <param name="MedianMs">Median duration, milliseconds.</param>
/// <param name="Gflop">Floating-point operations, 10^9; 0 where they are not counted.</param>
/// <param name="FractionOfPeak">Speed over the multiply-add peak of as many threads, of floats or of whole numbers, measured in the same run.</param>
/// <param name="AllocatedMb">Managed memory that one run allocates, median, megabytes; what is reused does not count.</param>
public sealed record Measurement(
    string Name, int Threads, double MedianMs, double Gflop, double FractionOfPeak, double AllocatedMb);
