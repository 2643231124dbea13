using System.Diagnostics;
using System.Globalization;
using PocketSam.Models;
using PocketSam.Mpi;
using PocketSam.Tensors;
using PocketSam.Training.Optimization;

namespace PocketSam.Benchmarks.Mpi;

/// <summary>
/// How fast the gradients of a model are added up over processes, in buckets as a training does it, beside Open MPI's own blocking
/// <c>MPI_Allreduce</c>, in turn: of one message as long as all gradients, and of one of a megabyte again and again, which stays in cache.
/// </summary>
internal static class GradientReduction
{
    private const int Runs = 15;

    /// <summary>Measures the default model; to be started by <c>mpirun</c>.</summary>
    public static int Run()
    {
        using MpiWorld world = MpiWorld.Join();
        SamModel model = SamModel.Create(ModelZoo.Pocket, seed: 1);
        model.State.SetTraining(true);
        TensorBuffer[] weights = [.. model.State.Entries.Where(entry => entry.Trainable).Select(entry => entry.Weight.Value.Buffer)];
        foreach (TensorBuffer weight in weights)
            weight.Gradient = BufferPool.Rent(weight.Count);
        long values = weights.Sum(weight => (long)weight.Count);
        var ranks = new Ranks(world);
        float[] message = new float[GradientBuckets.DefaultLength], whole = new float[values];
        double[] cached = new double[Runs], plain = new double[Runs], buckets = new double[Runs];
        for (int run = -2; run < Runs; run++)
        {
            double repeated = Time(() =>
            {
                for (long left = values; left > 0; left -= message.Length)
                    world.Sum(message.AsSpan(0, (int)Math.Min(left, message.Length)));
            });
            double once = Time(() => world.Sum(whole));
            double summed = Time(() => GradientBuckets.Of(ranks, model.State, new OptimizerOptions())!.Complete());
            if (run >= 0)
                (cached[run], plain[run], buckets[run]) = (repeated, once, summed);
        }

        if (world.Rank == 0)
        {
            double all = 4e-9 * values, small = Median(cached), one = Median(plain), other = Median(buckets);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{world.Count} processes, {values} values: buckets {all / other:0.00} GB/s; MPI_Allreduce of one message {all / one:0.00} GB/s, buckets {one / other:0.00} of it; ")
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"of 1 MB again and again {all / small:0.00} GB/s, buckets {small / other:0.00} of it"));
        }

        return 0;

        double Time(Action work)
        {
            world.Sum([0.0]);
            long start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static double Median(double[] times) => times.Order().ElementAt(times.Length / 2);

    private sealed class Ranks(MpiWorld world) : ITrainingRanks
    {
        public int Rank => world.Rank;

        public int Count => world.Count;

        public void Sum(Span<double> values) => world.Sum(values);

        public IPendingSum BeginSum(Memory<float> values) => new Pending(world.BeginSum(values));

        private sealed class Pending(MpiSum sum) : IPendingSum
        {
            public bool Advance() => sum.Advance();

            public void Complete() => sum.Complete();
        }
    }
}
