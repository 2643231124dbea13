namespace PocketSam.Onnx;

/// <summary>How weights are stored in a file.</summary>
public enum OnnxPrecision
{
    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>
    /// Half precision. The runtime widens the weights when it loads the file and computes in single precision.
    /// </summary>
    Float16,

    /// <summary>
    /// 8-bit integers with scales (QDQ) for the quantised weights of a quantised model, half precision for all others.
    /// </summary>
    Int8,
}
