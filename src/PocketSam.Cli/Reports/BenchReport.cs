using System.Text.Json.Serialization;
using PocketSam.Training.Benchmarks;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>bench --json</c> writes.</summary>
/// <param name="Machine">Processor and runtime, as the system names them.</param>
/// <param name="SimdBits">Width in bits of the SIMD vectors in use.</param>
/// <param name="Threads">Number of threads of the parallel measurements.</param>
/// <param name="FmaPeakGflops">Multiply-add peak of all threads together, GFLOP/s.</param>
/// <param name="FmaPeakOneThreadGflops">Multiply-add peak of one thread, GFLOP/s.</param>
/// <param name="PeakWorkingSetMb">Peak working set of the process in megabytes.</param>
/// <param name="Results">The measurements.</param>
internal sealed record BenchReport(
    string Machine, int SimdBits, int Threads, double FmaPeakGflops, double FmaPeakOneThreadGflops,
    double PeakWorkingSetMb, IReadOnlyList<Measurement> Results);

[JsonSerializable(typeof(BenchReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class BenchJson : JsonSerializerContext;
