namespace PocketSam.Onnx.Wire;

/// <summary>The contents of an ONNX file (ModelProto of onnx.proto3).</summary>
internal sealed record OnnxModel
{
    /// <summary>
    /// Format version (<c>ir_version</c>) of written files: that of ONNX 1.12, to which operator set <see
    /// cref="WrittenOpset"/> belongs.
    /// </summary>
    public const int WrittenVersion = 8;

    /// <summary>Operator set of written files: the first with layer norm as one operator.</summary>
    public const int WrittenOpset = 17;

    /// <summary>Version of the format (<c>ir_version</c>).</summary>
    public long Version { get; init; } = WrittenVersion;

    public string Producer { get; init; } = "";

    public string ProducerVersion { get; init; } = "";

    /// <summary>Version of the default operator set.</summary>
    public long Opset { get; init; } = WrittenOpset;

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public required OnnxGraph Graph { get; init; }

    public WireWriter ToWire()
    {
        WireWriter writer = new(), opset = new();
        writer.Int64(1, Version);
        writer.String(2, Producer);
        writer.String(3, ProducerVersion);
        writer.Message(7, Graph.ToWire());
        opset.Int64(2, Opset);
        writer.Message(8, opset);
        foreach ((string key, string value) in Metadata)
        {
            var entry = new WireWriter();
            entry.String(1, key);
            entry.String(2, value);
            writer.Message(14, entry);
        }

        return writer;
    }

    /// <summary>Reads a file. Values of tensors in external data files are read only when used.</summary>
    /// <exception cref="OnnxFormatException">The file is not an ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxModel Read(string path)
    {
        var info = new FileInfo(path);
        if (info.Exists && info.Length > Array.MaxLength)
            throw new OnnxFormatException(path, "is larger than 2 GB, the most that such a file can be");
        return Read(File.ReadAllBytes(path), path);
    }

    public static OnnxModel Read(ReadOnlyMemory<byte> bytes, string file)
    {
        long version = 0, opset = 0;
        string producer = "", producerVersion = "";
        OnnxGraph? graph = null;
        var metadata = new Dictionary<string, string>();
        var reader = new WireReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    version = reader.Int64();
                    break;
                case 2:
                    producer = reader.String();
                    break;
                case 3:
                    producerVersion = reader.String();
                    break;
                case 7:
                    graph = OnnxGraph.Read(reader.Bytes(), file);
                    break;
                case 8:
                    (string domain, long number) = ReadOpset(reader.Bytes(), file);
                    opset = domain is "" or "ai.onnx" ? number : opset;
                    break;
                case 14:
                    (string key, string value) = ReadEntry(reader.Bytes(), file);
                    metadata[key] = value;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (graph is null || version < 1 || opset < 1)
            throw new OnnxFormatException(file, "no ONNX model: it has no graph, version or operator set");
        return new OnnxModel
        {
            Version = version, Producer = producer, ProducerVersion = producerVersion, Opset = opset, Metadata = metadata, Graph = graph,
        };
    }

    /// <summary>A pair of strings (StringStringEntryProto).</summary>
    public static (string Key, string Value) ReadEntry(ReadOnlyMemory<byte> bytes, string file)
    {
        string key = "", value = "";
        var reader = new WireReader(bytes, file);
        while (reader.Next())
        {
            if (reader.Field == 1)
                key = reader.String();
            else if (reader.Field == 2)
                value = reader.String();
            else
                reader.Skip();
        }

        return (key, value);
    }

    private static (string Domain, long Version) ReadOpset(ReadOnlyMemory<byte> bytes, string file)
    {
        string domain = "";
        long version = 0;
        var reader = new WireReader(bytes, file);
        while (reader.Next())
        {
            if (reader.Field == 1)
                domain = reader.String();
            else if (reader.Field == 2)
                version = reader.Int64();
            else
                reader.Skip();
        }

        return (domain, version);
    }
}
