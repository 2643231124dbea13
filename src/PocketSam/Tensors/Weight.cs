using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>
/// A tensor that training changes, with its packed forms for matrix products. <see cref="Changed"/> must be called
/// after its values were written.
/// </summary>
internal sealed unsafe class Weight(Tensor value)
{
    private readonly Lock _gate = new();
    private PackedMatrix? _forward;
    private PackedMatrix? _backward;
    private int _version;
    private int _forwardVersion = -1;
    private int _backwardVersion = -1;

    public Tensor Value { get; } = value;

    /// <summary>Counts the changes.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Tells that the values are new.</summary>
    public void Changed() => Interlocked.Increment(ref _version);

    /// <summary>The weights <c>[N, K]</c> packed as the right operand of y = x W^T.</summary>
    public PackedMatrix Transposed(int n, int k) => Pack(ref _forward, ref _forwardVersion, k, n, 1, k);

    /// <summary>The weights <c>[N, K]</c> packed as the right operand of dx = dy W.</summary>
    public PackedMatrix Plain(int n, int k) => Pack(ref _backward, ref _backwardVersion, n, k, k, 1);

    private PackedMatrix Pack(
        ref PackedMatrix? packed, ref int packedVersion, int rows, int columns, nint rowStride, nint columnStride)
    {
        lock (_gate)
        {
            if (packed is null)
                packed = PackedMatrix.From(Value.Data, rowStride, columnStride, rows, columns);
            else if (packedVersion != _version)
                packed.Fill(Value.Data, rowStride, columnStride);
            packedVersion = _version;
            return packed;
        }
    }
}
