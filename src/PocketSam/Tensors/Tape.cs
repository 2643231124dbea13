using PocketSam.Kernels;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tensors;

/// <summary>
/// One computation of one thread. It owns the memory of all tensors made in it and, if it records, runs them backward.
/// Disposing returns the memory, so the caller copies results that outlive the tape.
/// </summary>
internal sealed unsafe class Tape : IDisposable
{
    /// <summary>Floats below which clearing is not split.</summary>
    private const int ClearedAtOnce = 65_536;

    [ThreadStatic]
    private static Tape? _current;

    private readonly Tape? _outer;
    private readonly bool _records;
    private readonly GradientSet? _weights;
    private readonly TapeListener? _listener;
    private readonly IGradientWatcher? _watcher;
    private readonly List<(Op Op, Tensor Output)> _steps = [];

    /// <summary>The first step that uses a weight, which is the last that adds to its gradient; only where somebody wants to know.</summary>
    private readonly Dictionary<TensorBuffer, int> _firstUses = [];
    private readonly List<TensorBuffer> _owned = [];
    private string _layer;

    private Tape(
        bool records, GradientSet? weights, TapeListener? listener, BatchSum? sum = null, IGradientWatcher? watcher = null)
    {
        Sum = sum;
        _watcher = watcher;
        _records = records;
        _weights = weights;
        _outer = _current;
        _listener = listener ?? _outer?._listener;
        _layer = _outer?._layer ?? "";
        _current = this;
    }

    /// <summary>Sums over the other parts of the batch; null if this computation has the whole batch.</summary>
    public BatchSum? Sum { get; }

    /// <summary>The innermost tape of this thread.</summary>
    public static Tape Current
        => _current ?? throw new InvalidOperationException("tensors are computed inside a tape: start one first");

    /// <summary>
    /// Whether the innermost tape of this thread records: gradients are wanted, and batch norm of a model in training
    /// updates its statistics.
    /// </summary>
    public static bool Records => Current._records;

    /// <summary>
    /// Whether blocks may compute several ops in one pass, or in
    /// place: nothing is recorded, and no listener wants single ops.
    /// </summary>
    public static bool Fuses => Current is { _records: false, _listener: null or { WantsSingleOps: false } };

    /// <summary>
    /// <see cref="Fuses"/> for a block of which no gradient is wanted, even if the tape records others.
    /// </summary>
    public static bool FusesWithoutGradient => Current._listener is null or { WantsSingleOps: false };

    /// <summary>
    /// Starts a computation with gradients. Those of weights go to <paramref name="weights"/>, if given, so that
    /// several threads can run backward at the same time. Without a <paramref name="listener"/> it inherits that of the
    /// enclosing tape. If other processes compute other parts of the batch, <paramref name="sum"/> sums over them.
    /// The <paramref name="watcher"/> is notified during the backward pass when the gradient of a weight is complete.
    /// </summary>
    public static Tape Record(
        GradientSet? weights = null, TapeListener? listener = null, BatchSum? sum = null, IGradientWatcher? watcher = null)
        => new(records: true, weights, listener, sum, watcher);

    /// <summary>
    /// Starts a computation without gradients; <paramref name="listener"/> as for <see cref="Record"/>.
    /// </summary>
    public static Tape Inference(TapeListener? listener = null) => new(records: false, weights: null, listener);

    /// <summary>Assigns ops to the layer with this key until the result is disposed of.</summary>
    public static LayerScope Enter(string layer)
    {
        var scope = new LayerScope(Current);
        Current._layer = layer;
        return scope;
    }

    /// <summary>
    /// Runs an op forward and, if one of its inputs wants a gradient, records it. The output has the given shape.
    /// </summary>
    /// <exception cref="ArgumentException">A gradient is wanted and the op has none.</exception>
    public static Tensor Run(Op op, ReadOnlySpan<int> shape, params ReadOnlySpan<OpInput> inputs)
    {
        Tape tape = Current;
        Tensor output = tape._listener is { WantsValues: false }
            ? new Tensor(TensorBuffer.WithoutMemory(Count(shape)), shape.ToArray()) : tape.Make(shape);
        if (tape._records)
        {
            foreach (OpInput input in inputs)
                output.Buffer.WantsGradient |= input.WantsGradient;
            if (output.WantsGradient)
            {
                if (op.NoGradient is { } reason)
                    throw new ArgumentException(reason, nameof(op));
                if (tape._watcher is not null)
                    tape.NoteUses(inputs);
                tape._steps.Add((op, output));
            }
        }

        tape.Forward(op, output, inputs);
        return output;
    }

    /// <summary>
    /// Runs an op without gradient into <paramref name="target"/>,
    /// which may be one of its inputs: it then works in place.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tape records.</exception>
    public static void RunInto(Tensor target, Op op, params ReadOnlySpan<OpInput> inputs)
    {
        if (Records)
            throw new InvalidOperationException($"{op.Name} writes to a tensor that is there: it cannot be recorded");
        Current.Forward(op, target, inputs);
    }

    /// <summary>A tensor of the innermost tape, not initialised, for values that no op computes.</summary>
    public static Tensor New(ReadOnlySpan<int> shape) => Current.Make(shape);

    /// <summary>
    /// A copy that belongs to the innermost tape and, if that records, collects a gradient: the start of a computation.
    /// </summary>
    public static Tensor Leaf(ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        Tensor leaf = New(shape);
        leaf.Buffer.WantsGradient = Current._records;
        values.CopyTo(leaf.Span);
        return leaf;
    }

    /// <summary>
    /// Returns the memory of an intermediate result that is not used again before the tape ends. A tape that records
    /// keeps it for the backward pass.
    /// </summary>
    public static void Release(Tensor tensor)
    {
        Tape tape = Current;
        if (!tape._records && tape._owned.Remove(tensor.Buffer))
            BufferPool.Return(tensor.Buffer);
    }

    /// <summary><paramref name="count"/> floats, not initialised, that live as long as the tape.</summary>
    public static float* Temporary(nint count) => Current.Own(BufferPool.Rent(count)).Data;

    /// <summary>
    /// The memory for the gradient of <paramref name="input"/>, or null if none is wanted. The first contribution
    /// overwrites (<paramref name="accumulate"/> is false), later ones add.
    /// </summary>
    public static float* GradientOf(Tensor input, out bool accumulate)
    {
        accumulate = false;
        if (!input.WantsGradient)
            return null;
        TensorBuffer buffer = input.Buffer;
        if (!buffer.OwnedByTape && _current?._weights is { } weights)
            return weights.Get(buffer, out accumulate).Data;
        if (buffer.Gradient is null)
            buffer.Gradient = BufferPool.Rent(buffer.Count);
        else
            accumulate = true;
        return buffer.Gradient.Data;
    }

    /// <summary>
    /// The memory for the gradient of <paramref name="input"/>, cleared before the first contribution, for ops that
    /// only add; null if none is wanted.
    /// </summary>
    public static float* GradientToAddTo(Tensor input)
    {
        float* gradient = GradientOf(input, out bool accumulate);
        if (gradient is not null && !accumulate)
        {
            Workers.ForRange(checked((int)input.Count), ClearedAtOnce, (start, end) =>
                new Span<float>(gradient + start, end - start).Clear());
        }

        return gradient;
    }

    /// <summary>
    /// Passes the gradient of <paramref name="output"/> on unchanged, as the last use of it: if it is the first
    /// contribution, the input takes over its memory.
    /// </summary>
    public static void PassGradient(Tensor output, Tensor input)
    {
        TensorBuffer gradient = output.Buffer.Gradient!;
        if (input is { WantsGradient: true, Buffer: { OwnedByTape: true, Gradient: null } })
        {
            input.Buffer.Gradient = gradient;
            output.Buffer.Gradient = null;
            return;
        }

        float* target = GradientOf(input, out bool accumulate);
        if (target is not null)
            Elementwise.Map<Identity>(gradient.Data, target, input.Count, accumulate);
    }

    /// <summary>
    /// Runs all steps backward. The caller has written the gradient of each output to start from; weights keep theirs,
    /// all others are returned after use.
    /// </summary>
    public void Backward()
    {
        ILookup<int, TensorBuffer> whole = _firstUses.ToLookup(use => use.Value, use => use.Key);
        _watcher?.Begin(_firstUses.Keys);
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            Backward(_steps[i].Op, _steps[i].Output);
            _watcher?.Advance(whole[i]);
        }

        _steps.Clear();
        _firstUses.Clear();
    }

    public void Dispose()
    {
        foreach (TensorBuffer buffer in _owned)
        {
            if (buffer.Gradient is not null)
                BufferPool.Return(buffer.Gradient);
            buffer.Gradient = null;
            BufferPool.Return(buffer);
        }

        _owned.Clear();
        _current = _outer;
    }

    private void Backward(Op op, Tensor y)
    {
        TensorBuffer output = y.Buffer;
        if (output.Gradient is null)
            return;
        _listener?.Differentiating(y);
        op.Backward(y);
        if (output.Gradient is not null)
            BufferPool.Return(output.Gradient);
        output.Gradient = null;
    }

    private void NoteUses(ReadOnlySpan<OpInput> inputs)
    {
        foreach (OpInput input in inputs)
        {
            if (input is { WantsGradient: true, Weight: { } weight })
                _firstUses.TryAdd(weight.Value.Buffer, _steps.Count);
        }
    }

    private Tensor Make(ReadOnlySpan<int> shape) => new(Own(BufferPool.Rent(Count(shape))), shape.ToArray());

    private static nint Count(ReadOnlySpan<int> shape)
    {
        nint count = 1;
        foreach (int d in shape)
            count *= d;
        return count;
    }

    private void Forward(Op op, Tensor output, ReadOnlySpan<OpInput> inputs)
    {
        if (_listener is null)
        {
            op.Forward(output);
            return;
        }

        _listener.Starting(op);
        if (_listener.WantsValues && !_listener.Computes(op, _layer, inputs, output))
            op.Forward(output);
        _listener.Finished(op, _layer, inputs, output);
    }

    private TensorBuffer Own(TensorBuffer buffer)
    {
        buffer.OwnedByTape = true;
        _owned.Add(buffer);
        return buffer;
    }

    /// <summary>Restores the layer before <see cref="Enter"/>.</summary>
    public readonly ref struct LayerScope(Tape tape)
    {
        private readonly string _before = tape._layer;

        public void Dispose() => tape._layer = _before;
    }
}
