using PocketSam.Kernels;
using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;
using static PocketSam.Training.Distillation.DistillationScheme;
using static PocketSam.Training.Tests.Distillation.Distillations;

namespace PocketSam.Training.Tests.Distillation;

[Collection(ThreadCounts.Name)]
public sealed class DistillerThreadsTests
{
    [Fact]
    public void The_number_of_threads_does_not_change_a_distillation()
    {
        float[][] results =
        [
            .. new[] { 1, 2, 5 }.Select(threads =>
            {
                using Workers.Scope scope = Workers.Limit(threads);
                TrainingLoop distiller = Distiller.Begin(
                    Teacher, ModelZoo.Nano, Options(new(64, 1, 2, Decoupled), new(64, 1, 3, FullStage)), Scenes());
                var losses = new List<float>();
                distiller.Run(p => losses.Add((float)p.Loss), CancellationToken.None);
                return losses.Concat(Weights(distiller.Model)).ToArray();
            }),
        ];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }
}
