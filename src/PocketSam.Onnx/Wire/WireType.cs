namespace PocketSam.Onnx.Wire;

/// <summary>Encoding of a field, with the numbers of protocol buffers.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    Fixed32 = 5,
}
