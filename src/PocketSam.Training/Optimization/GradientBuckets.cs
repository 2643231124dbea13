using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Sums the gradients of a step over all ranks, in buckets. The sum of a bucket begins as soon as its gradients are
/// complete, while the backward pass continues. A large weight is a bucket of its own and is summed in place; small
/// weights share a bucket and are copied. The assignment of weights to buckets and the order of the sums depend on the
/// model only, so that the sums are bit-identical each time.
/// </summary>
internal sealed class GradientBuckets : IGradientWatcher
{
    /// <summary>
    /// Values of a bucket of small weights: enough that the cost per message is small, and few enough that sums begin
    /// early.
    /// </summary>
    public const int DefaultLength = 1 << 18;

    /// <summary>A weight with at least this fraction of a bucket's values, 1/16, has its own bucket: its message is long enough.</summary>
    private const int SmallShare = 16;

    /// <summary>The most sums in progress, so that Open MPI's temporary buffers stay in cache.</summary>
    private const int MostUnderWay = 2;

    private readonly ITrainingRanks _ranks;
    private readonly List<Bucket> _buckets = [];
    private readonly Dictionary<TensorBuffer, Bucket> _bucketOf = [];
    private readonly TensorBuffer[] _weights;
    private readonly HashSet<TensorBuffer> _absent = [];
    private int _begun, _complete;

    /// <param name="ranks">The processes.</param>
    /// <param name="weights">The weights that are trained, the same in all processes, in the order of their
    /// use.</param>
    /// <param name="length">The most values of a bucket.</param>
    private GradientBuckets(ITrainingRanks ranks, IEnumerable<TensorBuffer> weights, int length)
    {
        _ranks = ranks;
        _weights = [.. weights.Reverse()];
        Bucket? small = null;
        foreach (TensorBuffer weight in _weights)
        {
            bool isLarge = weight.Count >= length / SmallShare;
            Bucket bucket = isLarge ? new Bucket() : small ??= new Bucket();
            bucket.Add(weight);
            _bucketOf.Add(weight, bucket);
            if (isLarge)
                _buckets.Add(bucket);
            else if (small!.Count > length - length / SmallShare)
                CloseSmall();
        }

        if (small is not null)
            CloseSmall();

        // After its last weight in the order of completion, so that no bucket waits for it that is complete earlier.
        void CloseSmall()
        {
            _buckets.Add(small!);
            small = null;
        }
    }

    /// <summary>The buckets of a step; null with one process.</summary>
    /// <param name="ranks">The processes.</param>
    /// <param name="state">The weights of the model, and which of them are trained in this step.</param>
    /// <param name="options">The learning rates; weights with rate 0 are left out.</param>
    /// <param name="length">The most values of a bucket of small weights.</param>
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

        if (_complete < _begun && _buckets[_complete].Advance())
            TakeNext();
        BeginWhole();
    }

    /// <summary>Waits for all sums; then all processes have the gradients of the whole batch.</summary>
    public void Complete()
    {
        BeginWhole();
        while (_complete < _buckets.Count)
        {
            TakeNext();
            BeginWhole();
        }

        // A weight may have a gradient on some ranks only; without one on any rank it has none.
        double[] present = [.. _weights.Select(weight => _absent.Contains(weight) ? 0.0 : 1)];
        _ranks.Sum(present);
        foreach ((int i, TensorBuffer weight) in _weights.Index())
        {
            if (present[i] != 0)
                continue;
            BufferPool.Return(weight.Gradient!);
            weight.Gradient = null;
        }
    }

    /// <summary>Begins the sums of complete buckets, in their order.</summary>
    private void BeginWhole()
    {
        while (_begun < _buckets.Count && _begun - _complete < MostUnderWay && _buckets[_begun].Awaited == 0)
            _buckets[_begun++].Begin(_ranks, _absent);
    }

    private void TakeNext() => _buckets[_complete++].Complete();

    /// <summary>Weights whose gradients are summed together.</summary>
    private sealed class Bucket
    {
        private readonly List<TensorBuffer> _weights = [];
        private TensorBuffer? _values;
        private IPendingSum? _sum;

        /// <summary>Number of weights whose gradients are not complete.</summary>
        public int Awaited { get; set; }

        public nint Count { get; private set; }

        public void Add(TensorBuffer weight)
        {
            _weights.Add(weight);
            Count += weight.Count;
        }

        /// <summary>Begins the sum. A weight without a gradient contributes zeros and is added to <paramref name="absent"/>.</summary>
        public void Begin(ITrainingRanks ranks, HashSet<TensorBuffer> absent)
        {
            foreach (TensorBuffer weight in _weights.Where(weight => weight.Gradient is null))
            {
                weight.Gradient = BufferPool.Rent(weight.Count);
                weight.Gradient.Values.Span.Clear();
                absent.Add(weight);
            }

            if (_weights.Count == 1)
            {
                _sum = ranks.BeginSum(_weights[0].Gradient!.Values);
                return;
            }

            _values = BufferPool.Rent(Count);
            int start = 0;
            foreach (TensorBuffer weight in _weights)
                weight.Gradient!.Values.CopyTo(Next(weight, ref start));
            _sum = ranks.BeginSum(_values.Values);
        }

        public bool Advance() => _sum!.Advance();

        public void Complete()
        {
            _sum!.Complete();
            if (_values is null)
                return;
            int start = 0;
            foreach (TensorBuffer weight in _weights)
                Next(weight, ref start).CopyTo(weight.Gradient!.Values);
            BufferPool.Return(_values);
        }

        private Memory<float> Next(TensorBuffer weight, ref int start)
        {
            Memory<float> values = _values!.Values.Slice(start, (int)weight.Count);
            start += values.Length;
            return values;
        }
    }
}
