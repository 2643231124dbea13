using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>
/// One computation of one thread: owns the memory of all tensors made in it and, where it records, what is needed to
/// run it backward. Disposing gives the memory back, so results that must outlive it are copied out.
/// </summary>
internal sealed unsafe class Tape : IDisposable
{
    /// <summary>Floats that are worth a part of their own where they are only cleared.</summary>
    private const int ClearedAtOnce = 65_536;

    [ThreadStatic]
    private static Tape? _current;

    private readonly Tape? _outer;
    private readonly bool _records;
    private readonly GradientSet? _weights;
    private readonly List<(TensorBuffer Output, Action Backward)> _steps = [];
    private readonly List<TensorBuffer> _owned = [];

    private Tape(bool records, GradientSet? weights = null)
    {
        _records = records;
        _weights = weights;
        _outer = _current;
        _current = this;
    }

    /// <summary>The innermost tape of this thread.</summary>
    public static Tape Current
        => _current ?? throw new InvalidOperationException("tensors are computed inside a tape: start one first");

    /// <summary>Whether the innermost tape of this thread records: fused kernels are for when it does not.</summary>
    public static bool Records => Current._records;

    /// <summary>
    /// Starts a computation whose gradients are wanted. Those of weights go to <paramref name="weights"/> where given,
    /// so that several threads can run backward at once.
    /// </summary>
    public static Tape Record(GradientSet? weights = null) => new(records: true, weights);

    /// <summary>Starts a computation without gradients.</summary>
    public static Tape Inference() => new(records: false);

    /// <summary>A result of the given inputs, with any content.</summary>
    public static Tensor New(ReadOnlySpan<int> shape, params ReadOnlySpan<Tensor?> inputs)
    {
        Tape tape = Current;
        nint count = 1;
        foreach (int d in shape)
            count *= d;
        TensorBuffer buffer = tape.Own(BufferPool.Rent(count));
        if (tape._records)
        {
            foreach (Tensor? input in inputs)
                buffer.WantsGradient |= input is { WantsGradient: true };
        }

        return new Tensor(buffer, shape.ToArray());
    }

    /// <summary>A copy that belongs to the innermost tape and collects a gradient: where a computation begins.</summary>
    public static Tensor Leaf(ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        Tensor leaf = New(shape);
        leaf.Buffer.WantsGradient = Current._records;
        values.CopyTo(leaf.Span);
        return leaf;
    }

    /// <summary>Records how the gradient of <paramref name="output"/> reaches the inputs it was made of.</summary>
    public static void Step(Tensor output, Action backward)
    {
        if (output.WantsGradient)
            Current._steps.Add((output.Buffer, backward));
    }

    /// <summary>
    /// Gives the memory of an intermediate result back before the tape ends: nothing uses it any more. A tape that
    /// records keeps it, since the way back needs it.
    /// </summary>
    public static void Release(Tensor tensor)
    {
        Tape tape = Current;
        if (!tape._records && tape._owned.Remove(tensor.Buffer))
            BufferPool.Return(tensor.Buffer);
    }

    /// <summary>Memory that lives as long as the tape.</summary>
    public static float* Temporary(nint count) => Current.Own(BufferPool.Rent(count)).Data;

    /// <summary>
    /// Where the gradient of <paramref name="input"/> is to be written, or null where none is wanted. The first
    /// contribution overwrites (<paramref name="accumulate"/> is false), later ones add.
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

    /// <summary>The same, cleared before the first contribution, for those that only add.</summary>
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
    /// Passes the gradient of <paramref name="output"/> on unchanged, as the last that is done with it: where it is the
    /// first contribution the input takes over its memory.
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
    /// Runs all steps backward. The gradient of each start was written by its caller; weights keep theirs, all others
    /// are given back as soon as they were used.
    /// </summary>
    public void Backward()
    {
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            (TensorBuffer output, Action backward) = _steps[i];
            if (output.Gradient is null)
                continue;
            backward();
            if (output.Gradient is not null)
                BufferPool.Return(output.Gradient);
            output.Gradient = null;
        }

        _steps.Clear();
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

    private TensorBuffer Own(TensorBuffer buffer)
    {
        buffer.OwnedByTape = true;
        _owned.Add(buffer);
        return buffer;
    }
}
