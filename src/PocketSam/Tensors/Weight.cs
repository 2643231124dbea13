using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>
/// A tensor that training changes, with its packed forms for matrix products. <see cref="Changed"/> must be called
/// after its values were written.
/// </summary>
internal sealed unsafe class Weight
{
    private readonly Lock _gate = new();
    private readonly bool _isFrozen;
    private Tensor? _value;
    private bool _isShown;
    private PackedMatrix? _forward;
    private PackedMatrix? _backward;
    private int _version;
    private int _forwardVersion = -1;
    private int _backwardVersion = -1;

    /// <param name="value">The values.</param>
    /// <param name="isFrozen">
    /// Whether they never change again: they are given back as soon as the product has packed them, so that a model that
    /// is only used is in memory once.
    /// </param>
    public Weight(Tensor value, bool isFrozen = false)
    {
        (_value, Shape, _isFrozen) = (value, value.Shape, isFrozen);
    }

    public int[] Shape { get; }

    /// <summary>Number of values.</summary>
    public nint Count
    {
        get
        {
            nint count = 1;
            foreach (int d in Shape)
                count *= d;
            return count;
        }
    }

    /// <summary>
    /// The values themselves, which stay from then on: whoever has them may use them. Those that were given back are there
    /// again.
    /// </summary>
    public Tensor Value
    {
        get
        {
            lock (_gate)
            {
                _isShown = true;
                if (_value is null)
                {
                    Tensor again = Tensor.Zeros(Shape);
                    _forward!.CopyTransposedTo(again.Data);
                    _value = again;
                }

                return _value;
            }
        }
    }

    /// <summary>The values for those that fill them, before anybody else uses the weight.</summary>
    public Span<float> Span => _value!.Span;

    /// <summary>Counts the changes.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Tells that the values are new.</summary>
    public void Changed() => Interlocked.Increment(ref _version);

    /// <summary>Copies the values, wherever they are.</summary>
    public float[] ToArray()
    {
        float[] values = new float[Count];
        lock (_gate)
        {
            if (_value is { } value)
            {
                value.Span.CopyTo(values);
            }
            else
            {
                fixed (float* v = values)
                    _forward!.CopyTransposedTo(v);
            }
        }

        return values;
    }

    /// <summary>The weights <c>[N, K]</c> packed as the right operand of y = x W^T.</summary>
    public PackedMatrix Transposed(int n, int k)
    {
        lock (_gate)
        {
            // What was given back cannot have changed.
            if (_value is not { } value)
                return _forward!;
            PackedMatrix packed = Pack(ref _forward, ref _forwardVersion, value, k, n, 1, k);
            if (_isFrozen && !_isShown && value.Buffer.IsNative)
            {
                _value = null;
                value.Buffer.Free();
            }

            return packed;
        }
    }

    /// <summary>The weights <c>[N, K]</c> packed as the right operand of dx = dy W.</summary>
    public PackedMatrix Plain(int n, int k)
    {
        Tensor value = Value;
        lock (_gate)
            return Pack(ref _backward, ref _backwardVersion, value, n, k, k, 1);
    }

    private PackedMatrix Pack(
        ref PackedMatrix? packed, ref int packedVersion, Tensor value, int rows, int columns, nint rowStride,
        nint columnStride)
    {
        if (packed is null)
            packed = PackedMatrix.From(value.Data, rowStride, columnStride, rows, columns);
        else if (packedVersion != _version)
            packed.Fill(value.Data, rowStride, columnStride);
        packedVersion = _version;
        return packed;
    }
}
