using PocketSam.Kernels.Products;

namespace PocketSam.Tensors;

/// <summary>
/// Learned values of a layer, with their packed forms for matrix products. A frozen weight never changes. After a write
/// to the values of another, <see cref="Changed"/> must be called.
/// </summary>
internal sealed unsafe class Weight
{
    private readonly Lock _gate = new();
    private readonly WeightVersion? _model;
    private readonly bool _isFrozen;
    private readonly bool _isProduct;
    private readonly QuantizedValues? _quantized;
    private Tensor? _value;
    private PackedOperand? _forward;
    private PackedOperand? _backward;
    private int _version;
    private int _forwardVersion = -1;
    private int _backwardVersion = -1;

    /// <param name="value">The values.</param>
    /// <param name="key">PyTorch's key, or null if it has none.</param>
    /// <param name="model">Version of the model that it is part of.</param>
    /// <param name="isFrozen">Whether the values never change.</param>
    /// <param name="isProduct">Whether nothing but <see cref="Transposed"/> reads the values. Those of a frozen weight
    /// are then freed after packing, so that a model for inference is in memory once.</param>
    public Weight(
        Tensor value, string? key = null, WeightVersion? model = null, bool isFrozen = false, bool isProduct = false)
    {
        (_value, Shape, Key, _model, _isFrozen, _isProduct) = (value, value.Shape, key, model, isFrozen, isProduct);
        value.Buffer.Weight = this;
    }

    /// <summary>A frozen weight of 8-bit integers, which products use unconverted.</summary>
    /// <param name="quantized">The integers and their scales.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="key">PyTorch's key, or null if it has none.</param>
    public Weight(QuantizedValues quantized, int[] shape, string? key)
    {
        (_quantized, Shape, Key, _isFrozen, _isProduct) = (quantized, shape, key, true, true);
    }

    /// <summary>The integers; null for a weight of floats.</summary>
    public QuantizedValues? Quantized => _quantized;

    /// <summary>PyTorch's key; null if it belongs to no model.</summary>
    public string? Key { get; }

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

    /// <summary>The values.</summary>
    /// <exception cref="InvalidOperationException">Only the packed form is in memory.</exception>
    public Tensor Value
        => Volatile.Read(ref _value)
            ?? throw new InvalidOperationException($"weight {Key} is frozen: its values are packed for products");

    /// <summary>The values, for writing before anything else uses the weight.</summary>
    public Span<float> Span => Value.Span;

    /// <summary>Whether training wants a gradient with respect to the values; never for a frozen weight.</summary>
    /// <exception cref="InvalidOperationException">Set to true on a frozen weight.</exception>
    public bool WantsGradient
    {
        get => !_isFrozen && _value!.WantsGradient;
        set
        {
            if (value && _isFrozen)
                throw new InvalidOperationException("a model that was loaded to be used cannot be trained");
            if (!_isFrozen)
                _value!.Buffer.WantsGradient = value;
        }
    }

    /// <summary>Number of changes.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Must be called after a write to the values.</summary>
    public void Changed()
    {
        Interlocked.Increment(ref _version);
        _model?.Increment();
    }

    /// <summary>A copy of the values, unpacked or dequantised if necessary; row-major.</summary>
    public float[] ToArray()
    {
        float[] values = new float[Count];
        lock (_gate)
        {
            if (_value is { } value)
            {
                value.Span.CopyTo(values);
            }
            else if (_quantized is { } quantized)
            {
                int length = values.Length / quantized.Scales.Length;
                for (int i = 0; i < values.Length; i++)
                    values[i] = quantized.Numbers[i] * quantized.Scales[i / length];
            }
            else
            {
                fixed (float* v = values)
                    ((PackedMatrix)_forward!).CopyTransposedTo(v);
            }
        }

        return values;
    }

    /// <summary>The weights <c>[N, K]</c>, packed as the right operand of y = x W^T.</summary>
    public PackedOperand Transposed(int n, int k)
    {
        lock (_gate)
        {
            // Freed values cannot have changed.
            if (_value is not { } value)
                return _forward ??= QuantizedMatrix.From(_quantized!.Numbers, _quantized.Scales, n, k);
            PackedOperand packed = Pack(ref _forward, ref _forwardVersion, value, k, n, 1, k);
            if (_isFrozen && _isProduct)
            {
                Volatile.Write(ref _value, null);
                value.Buffer.Free();
            }

            return packed;
        }
    }

    /// <summary>The weights <c>[N, K]</c>, packed as the right operand of dx = dy W.</summary>
    public PackedOperand Plain(int n, int k)
    {
        lock (_gate)
            return Pack(ref _backward, ref _backwardVersion, Value, n, k, k, 1);
    }

    private PackedOperand Pack(
        ref PackedOperand? packed, ref int packedVersion, Tensor value, int rows, int columns, nint rowStride,
        nint columnStride)
    {
        if (packed is null)
            packed = PackedMatrix.From(value.Data, rowStride, columnStride, rows, columns);
        else if (packedVersion != _version)
            ((PackedMatrix)packed).Fill(value.Data, rowStride, columnStride);
        packedVersion = _version;
        return packed;
    }
}
