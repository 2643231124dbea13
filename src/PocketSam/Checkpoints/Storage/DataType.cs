namespace PocketSam;

/// <summary>The encoding of a stored tensor's elements.</summary>
public enum DataType
{
    /// <summary>IEEE single.</summary>
    Float32,

    /// <summary>IEEE half.</summary>
    Float16,

    /// <summary>The upper half of an IEEE single.</summary>
    BFloat16,

    /// <summary>IEEE double.</summary>
    Float64,

    /// <summary>Unsigned byte.</summary>
    UInt8,

    /// <summary>Signed byte.</summary>
    Int8,

    /// <summary>16-bit integer.</summary>
    Int16,

    /// <summary>32-bit integer.</summary>
    Int32,

    /// <summary>64-bit integer.</summary>
    Int64,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64,

    /// <summary>8 bits with a 4-bit exponent and no infinities (PyTorch's <c>float8_e4m3fn</c>).</summary>
    Float8E4M3,

    /// <summary>8 bits with a 5-bit exponent: the upper half of an IEEE half.</summary>
    Float8E5M2,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,
}
