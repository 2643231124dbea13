namespace PocketSam.Onnx.Wire;

/// <summary>
/// An attribute of a node (AttributeProto of onnx.proto3): a number, a string, integers or a tensor. Of other kinds,
/// such as graphs, only the name is read.
/// </summary>
internal sealed record OnnxAttribute
{
    private const int FloatType = 1, IntType = 2, StringType = 3, TensorType = 4, IntsType = 7;

    public required string Name { get; init; }

    public float? Float { get; init; }

    public long? Int { get; init; }

    public string? String { get; init; }

    public IReadOnlyList<long>? Ints { get; init; }

    public OnnxTensor? Tensor { get; init; }

    public static OnnxAttribute Of(string name, float value) => new() { Name = name, Float = value };

    public static OnnxAttribute Of(string name, long value) => new() { Name = name, Int = value };

    public static OnnxAttribute Of(string name, string value) => new() { Name = name, String = value };

    public static OnnxAttribute Of(string name, params long[] values) => new() { Name = name, Ints = values };

    public WireWriter ToWire()
    {
        var writer = new WireWriter();
        writer.String(1, Name);
        if (Float is { } number)
            writer.Float(2, number);
        writer.Int64(3, Int ?? 0);
        if (String is { } text)
            writer.Element(4, text);
        if (Tensor is { } tensor)
            writer.Message(5, tensor.ToWire());
        writer.Packed(8, Ints ?? []);
        writer.Int64(20, Float is not null ? FloatType : String is not null ? StringType : Tensor is not null ? TensorType
            : Ints is not null ? IntsType : IntType);
        return writer;
    }

    public static OnnxAttribute Read(ReadOnlyMemory<byte> bytes, string file)
    {
        string name = "";
        float? number = null;
        long? whole = null;
        string? text = null;
        OnnxTensor? tensor = null;
        List<long> many = [];
        var reader = new WireReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    name = reader.String();
                    break;
                case 2:
                    number = reader.Float();
                    break;
                case 3:
                    whole = reader.Int64();
                    break;
                case 4:
                    text = reader.String();
                    break;
                case 5:
                    tensor = OnnxTensor.Read(reader.Bytes(), file);
                    break;
                case 8:
                    reader.Int64s(many);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new OnnxAttribute
        {
            Name = name, Float = number, Int = whole, String = text, Tensor = tensor, Ints = many.Count > 0 ? many : null,
        };
    }
}
