using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Adds the gradients of a step up over all ranks, in buckets, each of which sets out as soon as its gradients are whole, while the way
/// back goes on. A large weight is a bucket of its own, whose sum is made where its gradient lies; small ones share a bucket and are copied.
/// Which weights share a bucket, and the order in which buckets set out, follow from the model alone; so the sums are the same bits each
/// time.
/// </summary>
internal sealed class GradientBuckets : IGradientWatcher
{
    /// <summary>Values of a bucket of small weights: large enough that messages cost little beside their bytes, small enough to set out early.</summary>
    public const int DefaultLength = 1 << 18;

    /// <summary>A weight of this share of a bucket has one of its own: its message is long enough.</summary>
    private const int SmallShare = 16;

    /// <summary>Most buckets that are under way at once: what Open MPI keeps beside each of them stays in cache.</summary>
    private const int MostUnderWay = 2;

    private readonly ITrainingRanks _ranks;
    private readonly List<Bucket> _buckets = [];
    private readonly Dictionary<TensorBuffer, Bucket> _bucketOf = [];
    private readonly TensorBuffer[] _weights;
    private readonly HashSet<TensorBuffer> _absent = [];
    private int _begun, _complete;

    /// <param name="ranks">The processes.</param>
    /// <param name="weights">Those that learn, the same in all processes, in the order of their use.</param>
    /// <param name="length">Values of a bucket.</param>
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

        // Its place is that of its last weight, so that it keeps none waiting that is whole earlier.
        void CloseSmall()
        {
            _buckets.Add(small!);
            small = null;
        }
    }

    /// <summary>The buckets of a step; null where there is one process.</summary>
    /// <param name="ranks">The processes.</param>
    /// <param name="state">The model, which knows what learns in this step.</param>
    /// <param name="options">The rates, of which 0 stands for weights that stay.</param>
    /// <param name="length">Values of a bucket of small weights.</param>
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

    /// <summary>Waits for all sums; the gradients are then those of the whole batch, in all processes.</summary>
    public void Complete()
    {
        BeginWhole();
        while (_complete < _buckets.Count)
        {
            TakeNext();
            BeginWhole();
        }

        // A weight that had no part in one rank's pictures may have had one in another's; where it had none in any it has no gradient.
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

    /// <summary>Begins the sums of the buckets that are whole, in their order.</summary>
    private void BeginWhole()
    {
        while (_begun < _buckets.Count && _begun - _complete < MostUnderWay && _buckets[_begun].Awaited == 0)
            _buckets[_begun++].Begin(_ranks, _absent);
    }

    private void TakeNext() => _buckets[_complete++].Complete();

    /// <summary>Weights whose gradients are added up at once.</summary>
    private sealed class Bucket
    {
        private readonly List<TensorBuffer> _weights = [];
        private TensorBuffer? _values;
        private IPendingSum? _sum;

        /// <summary>Weights whose gradients are not whole yet.</summary>
        public int Awaited { get; set; }

        public nint Count { get; private set; }

        public void Add(TensorBuffer weight)
        {
            _weights.Add(weight);
            Count += weight.Count;
        }

        /// <summary>Sets out. Weights that have no gradient add zeros, and are noted.</summary>
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
