namespace PocketSam.Onnx.Wire;

/// <summary>Element types, with the numbers of TensorProto.DataType (onnx.proto3).</summary>
internal enum OnnxType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Float16 = 10,
    Double = 11,
    BFloat16 = 16,
}
