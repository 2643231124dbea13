namespace PocketSam.Tensors;

/// <summary>
/// Floats with a shape, row-major; feature maps are <c>[batch, height, width, channels]</c>, tokens
/// <c>[batch, count, channels]</c>. A reshaped tensor shares memory and gradient with its source.
/// </summary>
internal sealed unsafe class Tensor
{
    public Tensor(TensorBuffer buffer, params int[] shape)
    {
        nint count = 1;
        foreach (int d in shape)
            count *= d;
        if (count != buffer.Count)
            throw new ArgumentException($"shape [{string.Join(", ", shape)}] does not have {buffer.Count} elements");
        Buffer = buffer;
        Shape = shape;
    }

    public TensorBuffer Buffer { get; }

    public int[] Shape { get; }

    public nint Count => Buffer.Count;

    public float* Data => Buffer.Data;

    public bool WantsGradient => Buffer.WantsGradient;

    /// <summary>Size of the last dimension.</summary>
    public int Channels => Shape[^1];

    /// <summary>Product of all dimensions but the last.</summary>
    public int Rows => (int)(Count / Math.Max(1, Channels));

    public Span<float> Span => new(Data, checked((int)Count));

    /// <summary>The gradient's values; empty if nothing has contributed.</summary>
    public Span<float> GradientSpan
        => Buffer.Gradient is { } g ? new Span<float>(g.Data, checked((int)g.Count)) : [];

    /// <summary>
    /// A tensor with its own memory, all zero, that belongs to no tape: for weights, statistics and test input.
    /// </summary>
    public static Tensor Zeros(params int[] shape)
    {
        nint count = 1;
        foreach (int d in shape)
            count *= d;
        return new Tensor(TensorBuffer.Allocate(count), shape);
    }

    /// <summary>
    /// A tensor with its own memory, not initialised, that <see cref="TensorBuffer.Free"/> returns at once.
    /// </summary>
    public static Tensor Native(params int[] shape)
    {
        nint count = 1;
        foreach (int d in shape)
            count *= d;
        return new Tensor(TensorBuffer.AllocateNative(count), shape);
    }

    public static Tensor From(ReadOnlySpan<float> values, params int[] shape)
    {
        Tensor t = Zeros(shape);
        values.CopyTo(t.Span);
        return t;
    }

    /// <summary>The same memory with another shape; one dimension may be -1.</summary>
    public Tensor Reshape(params int[] shape)
    {
        int unknown = Array.IndexOf(shape, -1);
        if (unknown >= 0)
        {
            nint known = 1;
            foreach (int d in shape)
                known *= d < 0 ? 1 : d;
            shape = [.. shape];
            shape[unknown] = (int)(Count / known);
        }

        return new Tensor(Buffer, shape);
    }

    public override string ToString() => $"[{string.Join(", ", Shape)}]";
}
