using System.Text.Json.Serialization;
using PocketSam.Training.Benchmarks;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>bench</c> measured.</summary>
/// <param name="Machine">Processor and system, as the system names them.</param>
/// <param name="SimdBits">Width of the vectors in use.</param>
/// <param name="Threads">Threads of the measurements that use all.</param>
/// <param name="FmaPeakGflops">Multiply-add peak of all threads together.</param>
/// <param name="FmaPeakOneThreadGflops">Multiply-add peak of one thread.</param>
/// <param name="PeakWorkingSetMb">The most memory this process had, megabytes.</param>
/// <param name="Results">What was measured.</param>
internal sealed record BenchReport(
    string Machine, int SimdBits, int Threads, double FmaPeakGflops, double FmaPeakOneThreadGflops,
    double PeakWorkingSetMb, IReadOnlyList<Measurement> Results);

[JsonSerializable(typeof(BenchReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class BenchJson : JsonSerializerContext;
