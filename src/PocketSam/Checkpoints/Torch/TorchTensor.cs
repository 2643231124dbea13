using PocketSam.Checkpoints.Storage;

namespace PocketSam.Checkpoints.Torch;

/// <summary>A tensor as described by a pickle, unchecked.</summary>
/// <param name="Storage">The storage of its elements.</param>
/// <param name="Type">Encoding of the elements; null for the storage's type.</param>
/// <param name="Offset">Index of the first element in the storage.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Strides">Elements from one index to the next, by dimension.</param>
internal sealed record TorchTensor(TorchStorage Storage, DataType? Type, object? Offset, object? Shape, object? Strides)
{
    /// <summary>PyTorch's limit for dimensions.</summary>
    private const int MaxRank = 64;

    /// <summary>The tensor in a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bigEndian">Whether elements are big-endian.</param>
    /// <param name="locate">Offset and length in bytes of the storage with a name.</param>
    /// <exception cref="RefusalException">The description is invalid, or reaches beyond its storage.</exception>
    public StoredTensor In(ByteSource file, bool bigEndian, Func<string, (long Start, long Length)> locate)
    {
        (DataType type, TorchStorage storage) = Typed();
        if (Offset is not long first || Shape is not object?[] sizes || Strides is not object?[] steps
            || sizes.Length != steps.Length || sizes.Length > MaxRank)
        {
            throw new RefusalException("has no offset, shape and strides");
        }

        int[] shape = new int[sizes.Length];
        long[] strides = new long[sizes.Length];
        Int128 count = 1, last = first;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] is not long size || size < 0 || size > int.MaxValue || steps[i] is not long step || step < 0)
                throw new RefusalException("has a shape or strides that are no sizes");
            shape[i] = (int)size;
            strides[i] = step;
            last += (Int128)step * Math.Max(0, size - 1);
            count = size == 0 || count == 0 ? 0 : Int128.Min(count * size, long.MaxValue);
        }

        if (first < 0 || (count > 0 && last >= storage.Count))
            throw new RefusalException($"[{string.Join(", ", shape)}] reaches beyond its storage of {storage.Count} elements");
        if (count > storage.Count)
        {
            throw new RefusalException(
                $"[{string.Join(", ", shape)}] repeats the {storage.Count} elements of its storage; save a contiguous copy of it");
        }

        if (count == 0)
            return new StoredTensor(type, shape, ReadOnlyMemory<byte>.Empty);
        int bytes = StoredTensor.SizeOf(type);
        long announced = checked(storage.WholeCount * bytes);
        (long start, long length) = locate(storage.Key);
        if (length != announced)
            throw new RefusalException($"its storage {storage.Key} has {length} bytes where {announced} are announced");
        return new StoredTensor(type, shape, file, start + (storage.Offset + first) * bytes, strides, bigEndian);
    }

    /// <summary>The element type, and the storage counted in elements of that type.</summary>
    private (DataType Type, TorchStorage Storage) Typed()
    {
        if (Storage.Type is { } known)
        {
            return Type is null || Type == known ? (known, Storage)
                : throw new RefusalException($"is of {Type} in a storage of {known}");
        }

        if (!Storage.IsUntyped || Type is not { } type)
            throw new RefusalException($"has elements of {Storage.TypeName}, which are not supported");
        int size = StoredTensor.SizeOf(type);
        return (type, Storage with { Count = Storage.Count / size, WholeCount = Storage.WholeCount / size });
    }
}
