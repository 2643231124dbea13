namespace PocketSam.Onnx.Wire;

/// <summary>A node of a graph (NodeProto of onnx.proto3).</summary>
internal sealed record OnnxNode
{
    /// <summary>Name of the operator.</summary>
    public required string OpType { get; init; }

    /// <summary>Domain of the operator; empty for ONNX's own.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Name of the node; the computation does not depend on it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Names of the values that it reads; empty for an omitted optional input.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>Names of the values that it computes.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

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
