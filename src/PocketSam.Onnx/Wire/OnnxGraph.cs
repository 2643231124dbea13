namespace PocketSam.Onnx.Wire;

/// <summary>A network (GraphProto of onnx.proto3).</summary>
internal sealed record OnnxGraph
{
    public string Name { get; init; } = "";

    /// <summary>Nodes in topological order: each after those whose outputs it reads.</summary>
    public required IReadOnlyList<OnnxNode> Nodes { get; init; }

    /// <summary>Weights and constants.</summary>
    public required IReadOnlyList<OnnxTensor> Initializers { get; init; }

    public required IReadOnlyList<OnnxValue> Inputs { get; init; }

    public required IReadOnlyList<OnnxValue> Outputs { get; init; }

    public WireWriter ToWire()
    {
        var writer = new WireWriter();
        foreach (OnnxNode node in Nodes)
            writer.Message(1, node.ToWire());
        writer.String(2, Name);
        foreach (OnnxTensor tensor in Initializers)
            writer.Message(5, tensor.ToWire());
        foreach (OnnxValue input in Inputs)
            writer.Message(11, input.ToWire());
        foreach (OnnxValue output in Outputs)
            writer.Message(12, output.ToWire());
        return writer;
    }

    public static OnnxGraph Read(ReadOnlyMemory<byte> bytes, string file)
    {
        string name = "";
        List<OnnxNode> nodes = [];
        List<OnnxTensor> initializers = [];
        List<OnnxValue> inputs = [], outputs = [];
        var reader = new WireReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    nodes.Add(OnnxNode.Read(reader.Bytes(), file));
                    break;
                case 2:
                    name = reader.String();
                    break;
                case 5:
                    initializers.Add(OnnxTensor.Read(reader.Bytes(), file));
                    break;
                case 11:
                    inputs.Add(OnnxValue.Read(reader.Bytes(), file));
                    break;
                case 12:
                    outputs.Add(OnnxValue.Read(reader.Bytes(), file));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new OnnxGraph { Name = name, Nodes = nodes, Initializers = initializers, Inputs = inputs, Outputs = outputs };
    }
}
