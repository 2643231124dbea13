using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;
using PocketSam.Training.Tests.Data;
using PocketSam.Training.Tests.Optimization;
using static PocketSam.Training.Distillation.DistillationScheme;
using static PocketSam.Training.Tests.Distillation.Distillations;

namespace PocketSam.Training.Tests.Distillation;

/// <summary>Several processes distil as one does; here they are threads that wait for each other's numbers.</summary>
public sealed class DistillationRanksTests : IDisposable
{
    /// <summary>Sums in another order differ by a few units of the last place, which some steps of Adam's square roots enlarge.</summary>
    private const float RoundingOfWeights = 2e-4f;
    private const double RoundingOfMeasures = 1e-4;

    private readonly TemporaryFolder _folder = new();

    /// <summary>All that a course can have: schemes that turn parts on and off, sizes, further prompts.</summary>
    private static DistillationOptions Schedule => Options(
        new(64, 2, 4, Decoupled), new(64, 2, 3, FullStage), new(128, 1, 3, Coupled), new(64, 1, 4, SemiCoupled), new(64, 2, 3, Decoder)) with
    {
        Sampling = PromptSampling.Hard, Rounds = 2, HardMaskWeighting = true,
        Optimizer = new OptimizerOptions { LearningRate = 1e-4f },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranks_with_parts_of_a_batch_are_one_process_with_the_batch_to_rounding(int count)
    {
        (float[] weights, double[][] measures) = Distil(Schedule);
        (float[] Weights, double[][] Measures)[] ranks = Together(count, rank => Distil(Schedule with { Ranks = rank }));

        for (int rank = 1; rank < count; rank++)
        {
            Assert.Equal(ranks[0].Weights, ranks[rank].Weights);
            Assert.Equal(ranks[0].Measures, ranks[rank].Measures);
        }

        Assert.Equal(Schedule.TotalSteps, measures.Length);
        for (int step = 0; step < measures.Length; step++)
        {
            for (int i = 0; i < measures[step].Length; i++)
            {
                double all = measures[step][i];
                if (double.IsNaN(all))
                    Assert.Equal(all, ranks[0].Measures[step][i]);
                else
                    Assert.Equal(all, ranks[0].Measures[step][i], RoundingOfMeasures * Math.Max(1, Math.Abs(all)));
            }
        }

        for (int i = 0; i < weights.Length; i++)
            Assert.Equal(weights[i], ranks[0].Weights[i], RoundingOfWeights);
    }

    [Fact]
    public void Ranks_that_were_stopped_go_on_to_the_same_bits()
    {
        float[] whole = Together(2, rank => Distil(Schedule with { Ranks = rank }).Weights)[0];
        string checkpoint = _folder["checkpoint.safetensors"];
        Together(2, rank =>
        {
            using var stop = new CancellationTokenSource();
            TrainingLoop training = Distiller.Begin(Teacher, ModelZoo.Nano, Schedule with { Ranks = rank }, Scenes());
            Assert.False(training.Run(
                step =>
                {
                    if (step.Step == 3)
                        stop.Cancel();
                },
                stop.Token));
            if (rank.Rank == 0)
                training.Save(checkpoint);
            return 0;
        });

        float[][] resumed = Together(2, rank =>
        {
            using Checkpoint stopped = CheckpointFile.Read(checkpoint);
            TrainingLoop training = Distiller.Resume(Teacher, stopped, Schedule with { Ranks = rank }, Scenes());
            Assert.True(training.Run(_ => { }, CancellationToken.None));
            return Weights(training.Model);
        });

        Assert.Equal(whole, resumed[0]);
        Assert.Equal(whole, resumed[1]);
    }

    [Fact]
    public void A_batch_that_is_too_small_for_the_ranks_is_refused()
    {
        using var sums = new ThreadSums(4);
        var e = Assert.Throws<ArgumentException>(() => (Schedule with { Ranks = new ThreadRanks(sums, 0) }).Validate());
        Assert.Equal("stage 64x2x3:full-stage: 3 pictures a step are too few for 4 processes", e.Message);
    }

    private static T[] Together<T>(int count, Func<ThreadRanks, T> work)
    {
        using var sums = new ThreadSums(count);
        var results = new T[count];
        ThreadRanks.Parallel(count, rank => results[rank] = work(new ThreadRanks(sums, rank)));
        return results;
    }

    private static (float[] Weights, double[][] Measures) Distil(DistillationOptions options)
    {
        var measures = new List<double[]>();
        TrainingLoop training = Distiller.Begin(Teacher, ModelZoo.Nano, options, Scenes());
        training.Run(
            step => measures.Add([.. step.Measures.Where(one => one.Name is not ("wait_seconds" or "gradient_norm")).Select(one => one.Value)]),
            CancellationToken.None);
        return (Weights(training.Model), [.. measures]);
    }
}
