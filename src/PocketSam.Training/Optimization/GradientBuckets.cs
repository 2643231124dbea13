using System.Buffers;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Sums the gradients of a step over all ranks, in buckets of several weights. The sum of a bucket begins as soon as
/// its gradients are complete, while the backward pass continues. The assignment of weights to buckets and the order of
/// the sums depend on the model only, so that the sums are bit-identical each time.
/// </summary>
internal sealed class GradientBuckets : IGradientWatcher
{
    /// <summary>
    /// Values of a bucket: enough that the cost per message is small, and few enough that sums begin early.
    /// </summary>
    public const int DefaultLength = 1 << 18;

    private readonly ITrainingRanks _ranks;
    private readonly List<Bucket> _buckets = [];
    private readonly Dictionary<TensorBuffer, Bucket> _bucketOf = [];
    private int _begun, _complete;

    /// <param name="ranks">The processes.</param>
    /// <param name="weights">The weights that are trained, the same in all processes, in the order of their
    /// use.</param>
    /// <param name="length">The most values of a bucket.</param>
    private GradientBuckets(ITrainingRanks ranks, IEnumerable<TensorBuffer> weights, int length)
    {
        _ranks = ranks;
        var bucket = new Bucket();
        foreach (TensorBuffer weight in weights.Reverse())
        {
            if (bucket.Count > 0 && bucket.Count + weight.Count > length)
                bucket = new Bucket();
            if (bucket.Count == 0)
                _buckets.Add(bucket);
            bucket.Add(weight);
            _bucketOf.Add(weight, bucket);
        }
    }

    /// <summary>The buckets of a step; null with one process.</summary>
    /// <param name="ranks">The processes.</param>
    /// <param name="state">The weights of the model, and which of them are trained in this step.</param>
    /// <param name="options">The learning rates; weights with rate 0 are left out.</param>
    /// <param name="length">The most values of a bucket; a larger weight has its own bucket.</param>
    public static GradientBuckets? Of(
        ITrainingRanks? ranks, StateDict state, OptimizerOptions options, int length = DefaultLength)
        => ranks is null ? null : new GradientBuckets(ranks, state.Entries
            .Where(entry => entry.Trainable && entry.Weight.WantsGradient && options.RateOf(entry.Key) > 0)
            .Select(entry => entry.Weight.Value.Buffer), length);

    /// <inheritdoc/>
    public void Begin(IReadOnlyCollection<TensorBuffer> awaited)
    {
        foreach (TensorBuffer weight in awaited)
        {
            if (_bucketOf.TryGetValue(weight, out Bucket? bucket))
                bucket.Awaited++;
        }

        BeginWhole();
    }

    /// <inheritdoc/>
    public void Advance(IEnumerable<TensorBuffer> whole)
    {
        foreach (TensorBuffer weight in whole)
        {
            if (_bucketOf.TryGetValue(weight, out Bucket? bucket))
                bucket.Awaited--;
        }

        BeginWhole();
        if (_complete < _begun && _buckets[_complete].Advance())
            TakeNext();
    }

    /// <summary>Waits for all sums; then all processes have the gradients of the whole batch.</summary>
    public void Complete()
    {
        BeginWhole();
        while (_complete < _buckets.Count)
            TakeNext();
    }

    /// <summary>Begins the sums of complete buckets, in their order.</summary>
    private void BeginWhole()
    {
        while (_begun < _buckets.Count && _buckets[_begun].Awaited == 0)
            _buckets[_begun++].Begin(_ranks);
    }

    private void TakeNext() => _buckets[_complete++].Complete();

    /// <summary>Weights whose gradients are summed together.</summary>
    private sealed class Bucket
    {
        private readonly List<TensorBuffer> _weights = [];
        private float[] _values = [];
        private IPendingSum? _sum;

        /// <summary>Number of weights whose gradients are not complete.</summary>
        public int Awaited { get; set; }

        public nint Count { get; private set; }

        public void Add(TensorBuffer weight)
        {
            _weights.Add(weight);
            Count += weight.Count;
        }

        /// <summary>
        /// After the gradients, the buffer has a flag for each weight that tells whether it has a gradient, because a
        /// weight may have one on some ranks only.
        /// </summary>
        public void Begin(ITrainingRanks ranks)
        {
            int length = checked((int)Count + _weights.Count), start = 0;
            _values = ArrayPool<float>.Shared.Rent(length);
            foreach ((int i, TensorBuffer weight) in _weights.Index())
            {
                Span<float> own = Next(weight, ref start);
                if (weight.Gradient is null)
                    own.Clear();
                else
                    Gradient(weight).CopyTo(own);
                _values[(int)Count + i] = weight.Gradient is null ? 0 : 1;
            }

            _sum = ranks.BeginSum(_values.AsMemory(0, length));
        }

        public bool Advance() => _sum!.Advance();

        public void Complete()
        {
            _sum!.Complete();
            int start = 0;
            foreach ((int i, TensorBuffer weight) in _weights.Index())
            {
                Span<float> all = Next(weight, ref start);
                if (_values[(int)Count + i] == 0)
                    continue;
                weight.Gradient ??= BufferPool.Rent(weight.Count);
                all.CopyTo(Gradient(weight));
            }

            ArrayPool<float>.Shared.Return(_values);
        }

        private static unsafe Span<float> Gradient(TensorBuffer weight) => new(weight.Gradient!.Data, (int)weight.Count);

        private Span<float> Next(TensorBuffer weight, ref int start)
        {
            Span<float> values = _values.AsSpan(start, (int)weight.Count);
            start += values.Length;
            return values;
        }
    }
}
