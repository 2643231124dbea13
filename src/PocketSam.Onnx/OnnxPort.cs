namespace PocketSam.Onnx;

/// <summary>An input or a result of a graph.</summary>
/// <param name="name">Its name.</param>
/// <param name="elementType">Type of its elements as ONNX names it, in small letters: <c>float</c>, <c>uint8</c>, <c>int64</c>.</param>
/// <param name="sizes">Its sizes; null where one differs from call to call.</param>
public sealed class OnnxPort(string name, string elementType, IReadOnlyList<long?> sizes)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Type of its elements as ONNX names it, in small letters: <c>float</c>, <c>uint8</c>, <c>int64</c>.</summary>
    public string ElementType { get; } = elementType;

    /// <summary>Its sizes; null where one differs from call to call.</summary>
    public IReadOnlyList<long?> Sizes { get; } = sizes;

    internal bool IsFloat => ElementType == "float";

    internal bool IsBytes => ElementType == "uint8";

    /// <summary>Name, type and sizes in one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name} {ElementType} [{string.Join(", ", Sizes.Select(size => size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}]");
}
