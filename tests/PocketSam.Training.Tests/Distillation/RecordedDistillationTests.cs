using PocketSam.Kernels.Vectors;
using PocketSam.Training.Distillation;
using static PocketSam.Training.Tests.Distillation.Distillations;

namespace PocketSam.Training.Tests.Distillation;

/// <summary>
/// Losses of two small distillations as they were when they were written down, so that no change of the numbers goes unseen.
/// After a change that is meant, the message of the failed test has the new ones, to be copied here.
/// </summary>
public sealed class RecordedDistillationTests
{
    /// <summary>Relative. Vectors of 16, 8, 4 and 1 floats sum in other orders; of these losses that changes 4e-6.</summary>
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData(PromptSampling.Hard, 3, new[] { 1.80408, 2.02381, 1.87427, 3.526, 3.38375, 3.44865 })]
    [InlineData(PromptSampling.Disagreement, 1, new[] { 1.80408, 2.02381, 1.87427, 3.32267, 3.1939, 3.25445 })]
    public void Losses_are_as_recorded(PromptSampling sampling, int rounds, double[] recorded)
    {
        DistillationOptions options = Options(
            new(64, 3, 2, DistillationScheme.Decoupled), new(64, 3, 2, DistillationScheme.FullStage)) with
        {
            Sampling = sampling, Rounds = rounds, HardMaskWeighting = true,
        };
        var losses = new List<double>();
        Distiller.Begin(Teacher, ModelZoo.Nano, options, Scenes()).Run(p => losses.Add(p.Loss), CancellationToken.None);

        string found = string.Join(", ", losses.Select(l => l.ToString("G6", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.True(
            losses.Zip(recorded).All(p => Math.Abs(p.First - p.Second) <= Tolerance * p.Second),
            $"{sampling}, vectors of {Simd.Width}: {found}");
    }
}
