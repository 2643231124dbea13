using PocketSam.Models;

namespace PocketSam.Training.Benchmarks;

/// <summary>A benchmark of <c>bench</c>.</summary>
/// <param name="Name">Its name for <c>--only</c>.</param>
/// <param name="Run">Runs the measurements. The model is loaded at its first use.</param>
/// <param name="Conclude">Makes a line that sums up the measurements; null if there is none.</param>
public sealed record Benchmark(
    string Name, Func<Meter, Lazy<Sam>, IEnumerable<Measurement>> Run,
    Func<IReadOnlyList<Measurement>, FormattableString>? Conclude = null)
{
    /// <summary>All benchmarks, in the order in which they run.</summary>
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new(
            "inference", ModelBenchmarks.Inference,
            m => $"a click takes {m[1].MedianMs / m[0].MedianMs:0.0%} of the time of encoding"),
        new("decoder", ModelBenchmarks.Decoder),
        new(
            "everything", ModelBenchmarks.Everything,
            m => $"the hierarchy is {m[1].MedianMs / m[0].MedianMs:0.0} times as fast"),
        new(
            "int8", IntegerBenchmarks.Run,
            m => $"encoding in int8 is {m[^2].MedianMs / m[^1].MedianMs:0.00} times as fast ({ModelQuantizer.Instructions}); fractions are of the peak of the same arithmetic"),
        new("fastsam", (meter, _) => FastSamBenchmarks.Run(meter)),
        new(
            "text", (meter, _) => TextBenchmarks.Run(meter),
            m => $"64 masks ranked by CLIP B/32 take {m[1].MedianMs / m[0].MedianMs:0.0} times the encode, with 8 bits {m[2].MedianMs / m[0].MedianMs:0.0} times, one dense pass {m[3].MedianMs / m[0].MedianMs:0.0} times"),
        new("training", (meter, _) => TrainingBenchmarks.Steps(meter)),
    ];

    /// <summary>
    /// Loads a model as <see cref="Sam.Load"/> does, or creates an architecture by its name with random weights, which
    /// do not affect speed.
    /// </summary>
    /// <param name="name">
    /// A name or file as for <see cref="Sam.Load"/>, or a name of the <see cref="ModelZoo"/>.
    /// </param>
    public static Sam ModelOf(string name)
        => !File.Exists(name) && ModelZoo.Find(name) is { } config
            ? Sam.Over(SamModel.Create(config, seed: 1)) : Sam.Load(name);
}
