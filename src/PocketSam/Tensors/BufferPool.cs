namespace PocketSam.Tensors;

/// <summary>
/// Keeps the memory of finished computations for later ones: a training step or an encoding allocates the same sizes
/// repeatedly. Shared by all threads.
/// </summary>
internal static class BufferPool
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, Stack<float[]>> Free = [];

    /// <summary>Memory for at least <paramref name="count"/> floats, not initialised.</summary>
    public static TensorBuffer Rent(nint count)
    {
        int size = SizeClass(checked((int)count + 16));
        float[]? memory = null;
        lock (Gate)
        {
            if (Free.TryGetValue(size, out Stack<float[]>? stack))
                stack.TryPop(out memory);
        }

        memory ??= GC.AllocateUninitializedArray<float>(size, pinned: true);
        return new TensorBuffer(memory, count);
    }

    /// <summary>Returns memory; the caller must be its only user.</summary>
    public static void Return(TensorBuffer buffer)
    {
        lock (Gate)
        {
            if (!Free.TryGetValue(buffer.Memory.Length, out Stack<float[]>? stack))
                Free.Add(buffer.Memory.Length, stack = new Stack<float[]>());
            stack.Push(buffer.Memory);
        }
    }

    /// <summary>Rounds up to a sixteenth of the next power of two, so that similar sizes share memory.</summary>
    private static int SizeClass(int count)
    {
        int step = Math.Max(256, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count) / 16);
        return (int)(((long)count + step - 1) / step * step);
    }
}
