using System.Globalization;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

/// <summary>One of several threads that stand for processes which train together; remembers what it was asked for.</summary>
internal sealed class ThreadRanks(ThreadSums sums, int rank) : ITrainingRanks
{
    private readonly ThreadSums _sums = sums;

    public int Rank => rank;

    public int Count => _sums.Count;

    public List<string> Calls { get; } = [];

    public static void Parallel(int count, Action<int> work)
    {
        Task[] ranks = [.. Enumerable.Range(0, count).Select(rank => Task.Factory.StartNew(() => work(rank), TaskCreationOptions.LongRunning))];
        Assert.True(Task.WaitAll(ranks, TimeSpan.FromMinutes(2)), "the ranks wait for each other");
    }

    public void Sum(Span<double> values)
    {
        Note("sum", values.Length);
        _sums.Add(rank, values.ToArray()).CopyTo(values);
    }

    /// <summary>What is added up is what is there now; it changes when all wait for it.</summary>
    public IPendingSum BeginSum(Memory<float> values)
    {
        Note("begin", values.Length);
        return new Pending(this, values, [.. values.ToArray().Select(value => (double)value)]);
    }

    private void Note(string call, int length) => Calls.Add(string.Create(CultureInfo.InvariantCulture, $"{call} {length}"));

    private sealed class Pending(ThreadRanks rank, Memory<float> values, double[] own) : IPendingSum
    {
        public bool Advance() => false;

        public void Complete()
        {
            rank.Note("complete", own.Length);
            double[] all = rank._sums.Add(rank.Rank, own);
            for (int i = 0; i < all.Length; i++)
                values.Span[i] = (float)all[i];
        }
    }
}
