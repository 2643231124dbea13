namespace PocketSam.Onnx;

/// <summary>An input or an output of a graph.</summary>
/// <param name="name">Its name.</param>
/// <param name="elementType">
/// ONNX's name of its element type, in lower case: <c>float</c>, <c>uint8</c>, <c>int64</c>.
/// </param>
/// <param name="sizes">Its shape; null for a size that depends on the call.</param>
public sealed class OnnxPort(string name, string elementType, IReadOnlyList<long?> sizes)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>ONNX's name of its element type, in lower case: <c>float</c>, <c>uint8</c>, <c>int64</c>.</summary>
    public string ElementType { get; } = elementType;

    /// <summary>Its shape; null for a size that depends on the call.</summary>
    public IReadOnlyList<long?> Sizes { get; } = sizes;

    internal bool IsFloat => ElementType == "float";

    internal bool IsBytes => ElementType == "uint8";

    /// <summary>Name, type and sizes in one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name} {ElementType} [{string.Join(", ", Sizes.Select(size => size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}]");
}
