namespace PocketSam.Onnx.Wire;

/// <summary>An input or output of a graph (ValueInfoProto of onnx.proto3).</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Its element type.</param>
/// <param name="Shape">Its sizes: numbers, or names of sizes that depend on the call.</param>
internal sealed record OnnxValue(string Name, OnnxType ElementType, params IReadOnlyList<OnnxSize> Shape)
{
    public WireWriter ToWire()
    {
        WireWriter shape = new(), tensor = new(), type = new(), value = new();
        foreach (OnnxSize size in Shape)
        {
            var dimension = new WireWriter();
            if (size.Name is { } name)
                dimension.Element(2, name);
            else
                dimension.Int64(1, size.Number);
            shape.Message(1, dimension);
        }

        tensor.Int64(1, (long)ElementType);
        tensor.Message(2, shape);
        type.Message(1, tensor);
        value.String(1, Name);
        value.Message(2, type);
        return value;
    }

    public static OnnxValue Read(ReadOnlyMemory<byte> bytes, string file)
    {
        string name = "";
        OnnxType type = OnnxType.Undefined;
        List<OnnxSize> shape = [];
        var value = new WireReader(bytes, file);
        while (value.Next())
        {
            if (value.Field == 1)
                name = value.String();
            else if (value.Field == 2)
                ReadType(value.Bytes());
            else
                value.Skip();
        }

        return new OnnxValue(name, type, shape);

        void ReadType(ReadOnlyMemory<byte> message)
        {
            var reader = new WireReader(message, file);
            while (reader.Next())
            {
                if (reader.Field == 1)
                    ReadTensor(reader.Bytes());
                else
                    reader.Skip();
            }
        }

        void ReadTensor(ReadOnlyMemory<byte> message)
        {
            var reader = new WireReader(message, file);
            while (reader.Next())
            {
                if (reader.Field == 1)
                    type = (OnnxType)reader.Int64();
                else if (reader.Field == 2)
                    ReadShape(reader.Bytes());
                else
                    reader.Skip();
            }
        }

        void ReadShape(ReadOnlyMemory<byte> message)
        {
            var reader = new WireReader(message, file);
            while (reader.Next())
            {
                if (reader.Field == 1)
                    shape.Add(ReadSize(reader.Bytes()));
                else
                    reader.Skip();
            }
        }

        OnnxSize ReadSize(ReadOnlyMemory<byte> message)
        {
            long number = 0;
            string? symbol = null;
            var reader = new WireReader(message, file);
            while (reader.Next())
            {
                if (reader.Field == 1)
                    number = reader.Int64();
                else if (reader.Field == 2)
                    symbol = reader.String();
                else
                    reader.Skip();
            }

            return new OnnxSize(number, symbol);
        }
    }
}

/// <summary>A size: a number, or the name of a size that depends on the call.</summary>
internal readonly record struct OnnxSize(long Number, string? Name = null)
{
    public static implicit operator OnnxSize(long number) => new(number);

    public static implicit operator OnnxSize(string name) => new(0, name);
}
