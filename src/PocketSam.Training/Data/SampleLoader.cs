using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data;

/// <summary>
/// Makes samples ahead of training on other threads. Which sample follows depends on the seed and the number of the
/// sample alone, so a resumed training sees the same ones.
/// </summary>
internal sealed class SampleLoader : IDisposable
{
    private readonly Queue<Task<TrainingSample>> _ahead = new();
    private readonly SourceMix _mix;
    private readonly CancellationTokenSource _stop = new();
    private readonly ulong _seed;
    private readonly int _size;
    private readonly int _masks;
    private readonly int _maskStride;
    private readonly int _depth;
    private ulong _next;

    /// <param name="mix">Where pictures come from.</param>
    /// <param name="seed">Chooses the sequence.</param>
    /// <param name="first">Number of the first sample.</param>
    /// <param name="size">Longest side of the pictures.</param>
    /// <param name="masks">Most masks of a sample.</param>
    /// <param name="maskStride">Pixels of the input per cell of a low-resolution mask.</param>
    /// <param name="depth">Samples made ahead.</param>
    public SampleLoader(SourceMix mix, ulong seed, long first, int size, int masks, int maskStride, int depth)
    {
        (_mix, _seed, _next) = (mix, seed, (ulong)first);
        (_size, _masks, _maskStride, _depth) = (size, masks, maskStride, depth);
    }

    /// <summary>The next sample.</summary>
    public TrainingSample Next()
    {
        while (_ahead.Count < _depth)
        {
            ulong number = RandomStream.Scramble(_seed ^ RandomStream.Scramble(_next++));
            _ahead.Enqueue(Task.Run(() => Make(number), _stop.Token));
        }

        return _ahead.Dequeue().GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private TrainingSample Make(ulong number)
        => TrainingSample.From(_mix.Draw(number, _size), _size, _masks, _maskStride, RandomStream.Scramble(number));
}
