namespace PocketSam.Checkpoints.Torch;

/// <summary>A storage that a pickle refers to: elements without a shape, which tensors may share.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="TypeName">Python's name of its class.</param>
/// <param name="Type">How elements are encoded; null for bytes whose tensors say it, and for what is not supported.</param>
/// <param name="IsUntyped">Whether it is one of bytes.</param>
/// <param name="Count">Elements, as the pickle announces.</param>
/// <param name="Offset">Elements of the stored one before this one, where it is a part of another.</param>
/// <param name="WholeCount">Elements of the one in the file.</param>
internal sealed record TorchStorage(
    string Key, string TypeName, DataType? Type, bool IsUntyped, long Count, long Offset, long WholeCount);
