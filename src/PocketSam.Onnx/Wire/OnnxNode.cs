namespace PocketSam.Onnx.Wire;

/// <summary>One operation of a graph (NodeProto of onnx.proto3).</summary>
internal sealed record OnnxNode
{
    /// <summary>Which operation.</summary>
    public required string OpType { get; init; }

    /// <summary>Its operator set; empty for ONNX's own.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Its name, for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>Names of what it reads; empty for an optional input that is not given.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>Names of what it makes.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>Numbers, names and tensors that belong to it.</summary>
    public IReadOnlyList<OnnxAttribute> Attributes { get; init; } = [];

    public WireWriter ToWire()
    {
        var writer = new WireWriter();
        foreach (string input in Inputs)
            writer.Element(1, input);
        foreach (string output in Outputs)
            writer.Element(2, output);
        writer.String(3, Name);
        writer.String(4, OpType);
        foreach (OnnxAttribute attribute in Attributes)
            writer.Message(5, attribute.ToWire());
        writer.String(7, Domain);
        return writer;
    }

    public static OnnxNode Read(ReadOnlyMemory<byte> bytes, string file)
    {
        List<string> inputs = [], outputs = [];
        List<OnnxAttribute> attributes = [];
        string name = "", op = "", domain = "";
        var reader = new WireReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    inputs.Add(reader.String());
                    break;
                case 2:
                    outputs.Add(reader.String());
                    break;
                case 3:
                    name = reader.String();
                    break;
                case 4:
                    op = reader.String();
                    break;
                case 5:
                    attributes.Add(OnnxAttribute.Read(reader.Bytes(), file));
                    break;
                case 7:
                    domain = reader.String();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new OnnxNode { OpType = op, Domain = domain, Name = name, Inputs = inputs, Outputs = outputs, Attributes = attributes };
    }
}
