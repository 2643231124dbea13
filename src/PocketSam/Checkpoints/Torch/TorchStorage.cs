namespace PocketSam.Checkpoints.Torch;

/// <summary>A storage that a pickle refers to: elements without a shape, which tensors may share.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="TypeName">Python's name of its class.</param>
/// <param name="Type">Encoding of the elements; null for an untyped or unsupported storage.</param>
/// <param name="IsUntyped">Whether its tensors name the type.</param>
/// <param name="Count">Number of elements, as stated by the pickle.</param>
/// <param name="Offset">Elements before it, if it is a view of another storage.</param>
/// <param name="WholeCount">Number of elements of the storage in the file.</param>
internal sealed record TorchStorage(
    string Key, string TypeName, DataType? Type, bool IsUntyped, long Count, long Offset, long WholeCount);
