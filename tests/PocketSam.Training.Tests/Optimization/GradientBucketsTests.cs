using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

/// <summary>Gradients are added up while the way back goes on, and nothing that comes later is lost.</summary>
public sealed class GradientBucketsTests
{
    private const int Size = 64, Ranks = 2;

    /// <summary>Of the largest gradient of a weight.</summary>
    private const float Rounding = 2e-4f;

    [Theory]
    [InlineData(1)]
    [InlineData(3000)]
    [InlineData(20_000)]
    public void Sums_set_out_on_the_way_back_and_are_whole(int length)
    {
        TrainingSample[] samples = [Sample(3), Sample(4)];
        SamModel alone = Model();
        new MaskBatch(alone).Run(samples, Size, rounds: 1, MaskLossOptions.Default, seed: 9);

        using var sums = new ThreadSums(Ranks);
        ThreadRanks[] ranks = [new(sums, 0), new(sums, 1)];
        var models = new SamModel[Ranks];
        ThreadRanks.Parallel(Ranks, rank =>
        {
            models[rank] = Model();
            var buckets = GradientBuckets.Of(ranks[rank], models[rank].State, new OptimizerOptions(), length);
            new MaskBatch(models[rank], ranks[rank], buckets).Run(
                [samples[rank]], Size, rounds: 1, MaskLossOptions.Default, seed: 9, first: rank);
        });

        foreach ((int i, float[]? expected) in Gradients(alone).Index())
        {
            float[]? found = Gradients(models[0])[i];
            Assert.Equal(found, Gradients(models[1])[i]);
            Assert.Equal(expected is null, found is null);
            float largest = expected?.Max(Math.Abs) ?? 0;
            for (int j = 0; j < expected?.Length; j++)
                Assert.Equal(expected[j], found![j], Rounding * Math.Max(largest, 1e-3f));
        }

        List<string> calls = ranks[0].Calls;
        Assert.Equal(calls, ranks[1].Calls);

        // Of the sums of batch norm on the way back some come between the first bucket and the last.
        int first = calls.FindIndex(IsBucket), last = calls.FindLastIndex(IsBucket);
        Assert.True(calls[first..last].Count(call => call.StartsWith("sum", StringComparison.Ordinal)) > 5);

        static bool IsBucket(string call) => call.StartsWith("begin", StringComparison.Ordinal);
    }

    private static SamModel Model()
    {
        var model = SamModel.Create(ModelZoo.Nano, seed: 2);
        model.State.SetTraining(_ => true, batchStatistics: true);
        return model;
    }

    private static TrainingSample Sample(ulong seed) => TrainingSample.Draw(
        new SourceMix([(new SceneGenerator(new SceneOptions { Width = 96, Height = 96 }), 1)], new AugmentationOptions()), seed, Size, 2,
        ModelZoo.Nano.Encoder.SideMultiple);

    private static float[]?[] Gradients(SamModel model)
        => [.. model.State.Entries.Select(entry => entry.Weight.Value.Buffer.Gradient is null ? null : entry.Weight.Value.GradientSpan.ToArray())];
}
