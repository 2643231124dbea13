namespace PocketSam.Onnx;

/// <summary>How weights are stored in a file.</summary>
public enum OnnxPrecision
{
    /// <summary>As numbers of single precision.</summary>
    Float32,

    /// <summary>
    /// As numbers of half precision, which the runtime widens when it loads the file: half the size, computed as before.
    /// </summary>
    Float16,

    /// <summary>
    /// The weights of a quantised model as the whole numbers that they are, with their scales (QDQ), and all others as
    /// numbers of half precision.
    /// </summary>
    Int8,
}
