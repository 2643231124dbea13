namespace PocketSam.Tensors;

/// <summary>
/// Keeps the memory of finished computations for the next ones: a training step or an encoding allocates the same sizes
/// again and again. Shared by all threads.
/// </summary>
internal static class BufferPool
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, Stack<float[]>> Free = [];

    /// <summary>Memory for at least <paramref name="count"/> floats, with any content.</summary>
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

    /// <summary>Gives memory back; whoever does must be its only user.</summary>
    public static void Return(TensorBuffer buffer)
    {
        lock (Gate)
        {
            if (!Free.TryGetValue(buffer.Memory.Length, out Stack<float[]>? stack))
                Free.Add(buffer.Memory.Length, stack = new Stack<float[]>());
            stack.Push(buffer.Memory);
        }
    }

    /// <summary>Sizes are rounded up to an eighth of a power of two, so that similar ones share memory.</summary>
    private static int SizeClass(int count)
    {
        int step = Math.Max(256, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count) / 16);
        return (int)(((long)count + step - 1) / step * step);
    }
}
