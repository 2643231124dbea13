using PocketSam.Kernels;

namespace PocketSam.Training.Data;

/// <summary>
/// Makes samples in order on other threads, ahead of training. A sample depends only on its number, so a resumed
/// training sees the same ones.
/// </summary>
/// <param name="make">Makes the sample of a number; called from several threads.</param>
/// <param name="first">Number of the first sample.</param>
/// <param name="depth">Number of samples to make ahead.</param>
internal sealed class SampleLoader<T>(Func<ulong, T> make, long first, int depth) : IDisposable
{
    private readonly Queue<Task<T>> _ahead = new();
    private readonly CancellationTokenSource _stop = new();
    private ulong _next = (ulong)first;

    /// <summary>Returns the next sample; an exception from making it passes through.</summary>
    public T Next()
    {
        while (_ahead.Count < depth)
        {
            ulong number = _next++;
            _ahead.Enqueue(Task.Run(() => Make(number), _stop.Token));
        }

        return _ahead.Dequeue().GetAwaiter().GetResult();
    }

    /// <summary>The next samples.</summary>
    public T[] Next(int count)
    {
        var samples = new T[count];
        for (int i = 0; i < count; i++)
            samples[i] = Next();
        return samples;
    }

    /// <summary>Makes a sample on one thread, so that it takes no worker threads from the training.</summary>
    private T Make(ulong number)
    {
        using (Workers.Limit(1))
            return make(number);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
