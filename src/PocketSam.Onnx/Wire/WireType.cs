namespace PocketSam.Onnx.Wire;

/// <summary>How a field of a message is encoded; the numbers are those of protocol buffers.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    Fixed32 = 5,
}
