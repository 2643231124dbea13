namespace PocketSam.Training.Benchmarks;

/// <summary>One measurement of a benchmark.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Threads">Number of threads.</param>
/// <param name="MedianMs">Median duration in milliseconds.</param>
/// <param name="Gflop">Operations, 10^9; 0 if they are not counted.</param>
/// <param name="FractionOfPeak">
/// Speed relative to the peak of as many threads, of floats or of integers, measured in the same run.
/// </param>
/// <param name="AllocatedMb">
/// Median of the managed memory that one run allocates, in megabytes; reused memory does not count.
/// </param>
public sealed record Measurement(
    string Name, int Threads, double MedianMs, double Gflop, double FractionOfPeak, double AllocatedMb);
