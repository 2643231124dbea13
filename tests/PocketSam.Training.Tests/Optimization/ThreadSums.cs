namespace PocketSam.Training.Tests.Optimization;

/// <summary>What threads that stand for processes have given, added up in their order.</summary>
internal sealed class ThreadSums(int count) : IDisposable
{
    private readonly Barrier _barrier = new(count);
    private readonly double[]?[] _given = new double[]?[count];

    public int Count => count;

    public double[] Add(int rank, double[] values)
    {
        _given[rank] = values;
        _barrier.SignalAndWait();
        double[] sum = new double[values.Length];
        foreach (double[]? one in _given)
        {
            for (int i = 0; i < sum.Length; i++)
                sum[i] += one![i];
        }

        _barrier.SignalAndWait();
        return sum;
    }

    public void Dispose() => _barrier.Dispose();
}
