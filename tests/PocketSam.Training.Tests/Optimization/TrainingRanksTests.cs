using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

/// <summary>Several processes train as one does; here they are threads that wait for each other's numbers.</summary>
public sealed class TrainingRanksTests
{
    /// <summary>Sums in another order differ by a few units of the last place, which some steps of Adam's square roots enlarge.</summary>
    private const float RoundingOfWeights = 2e-4f;
    private const double RoundingOfLoss = 1e-4;

    private static readonly TrainingOptions Options = new()
    {
        Model = ModelZoo.Nano,
        Stages = [new(64, 3, 4)],
        MasksPerImage = 2,
        WarmupSteps = 2,
        Optimizer = new OptimizerOptions { LearningRate = 1e-4f },
    };

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Ranks_with_parts_of_a_batch_are_one_process_with_the_batch_to_rounding(int count)
    {
        (float[] weights, double[] losses, double[] boxes) = Train(null);
        (float[] Weights, double[] Losses, double[] Boxes)[] ranks = Together(count);

        for (int rank = 0; rank < count; rank++)
        {
            Assert.Equal(ranks[0].Weights, ranks[rank].Weights);
            Assert.Equal(ranks[0].Losses, ranks[rank].Losses);
        }

        Assert.Equal(losses.Length, ranks[0].Losses.Length);
        for (int i = 0; i < losses.Length; i++)
        {
            Assert.Equal(losses[i], ranks[0].Losses[i], RoundingOfLoss);
            Assert.Equal(boxes[i], ranks[0].Boxes[i], RoundingOfLoss);
        }

        for (int i = 0; i < weights.Length; i++)
            Assert.Equal(weights[i], ranks[0].Weights[i], RoundingOfWeights);
    }

    [Fact]
    public void The_result_depends_on_the_number_of_ranks_alone()
        => Assert.Equal(Together(2)[0].Weights, Together(2)[0].Weights);

    [Fact]
    public void A_batch_that_is_too_small_for_the_ranks_is_refused()
    {
        using var sums = new ThreadSums(5);
        var e = Assert.Throws<ArgumentException>(() => (Options with { Ranks = new ThreadRanks(sums, 0) }).Validate());
        Assert.Equal("stage 64x3x4: 4 pictures a step are too few for 5 processes", e.Message);
    }

    [Fact]
    public void All_ranks_stop_before_the_same_step_when_one_is_asked_to()
    {
        using var sums = new ThreadSums(2);
        using var stop = new CancellationTokenSource();
        long[] steps = new long[2];
        ThreadRanks.Parallel(2, rank =>
        {
            TrainingLoop training = Trainer.Begin(Options with { Ranks = new ThreadRanks(sums, rank) }, Scenes());
            training.Run(
                step =>
                {
                    if (rank == 1 && step.Step == 2)
                        stop.Cancel();
                },
                rank == 1 ? stop.Token : CancellationToken.None);
            steps[rank] = training.Step;
        });
        Assert.Equal([2, 2], steps);
    }

    private static SourceMix Scenes() => new(
        [(new SceneGenerator(new SceneOptions { Width = 96, Height = 96 }), 1)], new AugmentationOptions());

    private static (float[] Weights, double[] Losses, double[] Boxes)[] Together(int count)
    {
        using var sums = new ThreadSums(count);
        var results = new (float[], double[], double[])[count];
        ThreadRanks.Parallel(count, rank => results[rank] = Train(new ThreadRanks(sums, rank)));
        return results;
    }

    private static (float[] Weights, double[] Losses, double[] Boxes) Train(ITrainingRanks? ranks)
    {
        var losses = new List<double>();
        var boxes = new List<double>();
        TrainingLoop training = Trainer.Begin(Options with { Ranks = ranks }, Scenes());
        training.Run(
            step =>
            {
                losses.Add(((TrainingProgress)step).Loss);
                boxes.Add(((TrainingProgress)step).BoxIou);
            },
            CancellationToken.None);
        return ([.. training.Model.State.Entries.SelectMany(entry => entry.ToStored())], [.. losses], [.. boxes]);
    }
}
