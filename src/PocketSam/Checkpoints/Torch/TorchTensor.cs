namespace PocketSam.Checkpoints.Torch;

/// <summary>A tensor as a pickle describes it, checked against its storage's announced size.</summary>
/// <param name="Storage">Where its elements lie.</param>
/// <param name="Type">How they are encoded.</param>
/// <param name="Offset">The first one's place, in elements.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Strides">Elements from one index to the next, by dimension.</param>
internal sealed record TorchTensor(
    TorchStorage Storage, DataType Type, long Offset, IReadOnlyList<int> Shape, IReadOnlyList<long> Strides)
{
    /// <summary>PyTorch's own limit.</summary>
    private const int MaxRank = 64;

    /// <exception cref="RefusalException">It reaches beyond its storage.</exception>
    public static TorchTensor Create(TorchStorage storage, DataType? type, object? offset, object? shape, object? strides)
    {
        if (type is not { } elements || offset is not long first || shape is not object?[] sizes || strides is not object?[] steps
            || sizes.Length != steps.Length || sizes.Length > MaxRank)
        {
            throw new RefusalException("a tensor without type, offset, shape and strides");
        }

        int[] dimensions = new int[sizes.Length];
        long[] jumps = new long[sizes.Length];
        Int128 count = 1, last = first;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] is not long size || size < 0 || size > int.MaxValue || steps[i] is not long step || step < 0)
                throw new RefusalException("a tensor whose shape or strides are no sizes");
            dimensions[i] = (int)size;
            jumps[i] = step;
            last += (Int128)step * Math.Max(0, size - 1);
            if ((count *= size) > storage.Count)
                count = (Int128)storage.Count + 1;
        }

        string text = $"a tensor of [{string.Join(", ", dimensions)}]";
        if (sizes.Contains(0L))
            count = 0;
        if (count > storage.Count)
            throw new RefusalException($"{text} in a storage of {storage.Count} elements");
        if (first < 0 || (count > 0 && last >= storage.Count))
            throw new RefusalException($"{text} that reaches beyond its storage of {storage.Count} elements");
        return new TorchTensor(storage, elements, first, dimensions, jumps);
    }
}
