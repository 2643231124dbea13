using PocketSam.Kernels.Products;

namespace PocketSam.Tensors;

/// <summary>
/// Values that a layer has learned, with their packed forms for matrix products. One that is frozen never changes; the
/// values of others may be written, and <see cref="Changed"/> must be called afterwards.
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
    /// <param name="key">PyTorch's key, or null where it has none.</param>
    /// <param name="model">Version of the model that it is part of.</param>
    /// <param name="isFrozen">Whether the values never change again.</param>
    /// <param name="isProduct">
    /// Whether nothing but <see cref="Transposed"/> needs the values of a frozen weight: they are given back as soon as they
    /// are packed, so that a model that is only used is in memory once.
    /// </param>
    public Weight(
        Tensor value, string? key = null, WeightVersion? model = null, bool isFrozen = false, bool isProduct = false)
    {
        (_value, Shape, Key, _model, _isFrozen, _isProduct) = (value, value.Shape, key, model, isFrozen, isProduct);
        value.Buffer.Weight = this;
    }

    /// <summary>A frozen weight of products whose values are whole numbers, which products take as they are.</summary>
    /// <param name="quantized">The numbers and their scales.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="key">PyTorch's key, or null where it has none.</param>
    public Weight(QuantizedValues quantized, int[] shape, string? key)
    {
        (_quantized, Shape, Key, _isFrozen, _isProduct) = (quantized, shape, key, true, true);
    }

    /// <summary>The whole numbers; null for a weight of floats.</summary>
    public QuantizedValues? Quantized => _quantized;

    /// <summary>PyTorch's key; null for one that belongs to no model.</summary>
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
    /// <exception cref="InvalidOperationException">They are there in their packed form only.</exception>
    public Tensor Value
        => Volatile.Read(ref _value)
            ?? throw new InvalidOperationException($"weight {Key} is frozen: its values are packed for products");

    /// <summary>The values for those that fill them, before anybody else uses the weight.</summary>
    public Span<float> Span => Value.Span;

    /// <summary>Whether training asks for a gradient with respect to the values; never for a frozen weight.</summary>
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

    /// <summary>Counts the changes.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Tells that the values are new.</summary>
    public void Changed()
    {
        Interlocked.Increment(ref _version);
        _model?.Increment();
    }

    /// <summary>Copies the values, in whichever form they are.</summary>
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

    /// <summary>The weights <c>[N, K]</c> packed as the right operand of y = x W^T.</summary>
    public PackedOperand Transposed(int n, int k)
    {
        lock (_gate)
        {
            // What was given back cannot have changed.
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

    /// <summary>The weights <c>[N, K]</c> packed as the right operand of dx = dy W.</summary>
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
