using CsCheck;
using PocketSam.Onnx;
using PocketSam.Onnx.Wire;

namespace PocketSam.Tests.Onnx;

/// <summary>Files of ONNX: what is written is read again, and what is no such file is refused in one line.</summary>
public sealed class OnnxModelTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        OnnxModel model = Small(), again = OnnxModel.Read(Bytes(model), "small.onnx");
        Assert.Equal((model.Version, model.Opset, model.Producer, model.ProducerVersion), (again.Version, again.Opset, again.Producer, again.ProducerVersion));
        Assert.Equal(model.Metadata, again.Metadata);
        Assert.Equal(model.Graph.Name, again.Graph.Name);
        OnnxNode node = Assert.Single(again.Graph.Nodes);
        Assert.Equal(("Conv", "a/Conv"), (node.OpType, node.Name));
        Assert.Equal(["x", "", "w"], node.Inputs);
        Assert.Equal(["y"], node.Outputs);
        Assert.Equal([2, -3], node.Attributes[0].Ints);
        Assert.Equal((0.5f, 7L, "linear"), (node.Attributes[1].Float, node.Attributes[2].Int, node.Attributes[3].String));
        Assert.Equal([1f, 2f], node.Attributes[4].Tensor!.ToFloats("small.onnx"));
        OnnxTensor weight = Assert.Single(again.Graph.Initializers);
        Assert.Equal([2, 2], weight.Shape);
        Assert.Equal([1f, -2f, 3f, 4f], weight.ToFloats("small.onnx"));
        Assert.Equal(["batch", null], again.Graph.Inputs[0].Shape.Select(size => size.Name));
        Assert.Equal(3, again.Graph.Inputs[0].Shape[1].Number);
    }

    [Theory]
    [InlineData((int)OnnxType.Float16, new byte[] { 0x00, 0x3C, 0x00, 0xC0 })]
    [InlineData((int)OnnxType.BFloat16, new byte[] { 0x80, 0x3F, 0x00, 0xC0 })]
    [InlineData((int)OnnxType.Double, new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0 })]
    public void Weights_of_every_float_type_are_read(int type, byte[] bytes)
    {
        OnnxTensor tensor = OnnxTensor.Of("w", (OnnxType)type, [2], bytes);
        Assert.Equal([1f, -2f], OnnxTensor.Read(Bytes(tensor.ToWire()), "file").ToFloats("file"));
    }

    [Fact]
    public void Half_precision_may_lie_in_the_field_of_integers()
    {
        var writer = new WireWriter();
        writer.Packed(1, [2]);
        writer.Int64(2, (long)OnnxType.Float16);
        writer.Packed(5, [0x3C00, 0xC000]);
        Assert.Equal([1f, -2f], OnnxTensor.Read(Bytes(writer), "file").ToFloats("file"));
    }

    [Theory]
    [InlineData("../other.bin")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("C:\\x")]
    [InlineData("")]
    public void Values_that_would_lie_elsewhere_are_refused(string location)
    {
        OnnxTensor tensor = OnnxTensor.Of("w", [2], [1f, 2f]) with { External = (location, 0), Values = null };
        var e = Assert.Throws<OnnxFormatException>(() => OnnxTensor.Read(Bytes(tensor.ToWire()), "file.onnx"));
        Assert.Contains("not beside the file", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Values_that_are_not_there_are_told_by_the_name_of_their_file()
    {
        OnnxTensor tensor = OnnxTensor.Of("w", [2], [1f, 2f]) with { External = ("weights.bin", 0), Values = null };
        var e = Assert.Throws<OnnxFormatException>(() => OnnxTensor.Read(Bytes(tensor.ToWire()), "file.onnx").ToFloats("file.onnx"));
        Assert.Equal("file.onnx: the values of its tensors lie in weights.bin, which is missing", e.Message);
    }

    [Theory]
    [InlineData("", "no graph")]
    [InlineData("not a model at all", "")]
    [InlineData("\u0008\u0008", "no graph")]
    public void Other_files_are_refused(string text, string message)
    {
        var e = Assert.Throws<OnnxFormatException>(() => OnnxModel.Read(System.Text.Encoding.Latin1.GetBytes(text), "file.onnx"));
        Assert.StartsWith("file.onnx: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    /// <summary>Bytes changed, cut or put in: a model or one clear error, never anything else.</summary>
    [Fact]
    public void Broken_files_are_refused_and_nothing_else_happens()
    {
        byte[] whole = Bytes(Small());
        Gen<byte[]> changed = Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length], Gen.Int[0, whole.Length - 1], Gen.Byte)
            .Select((at, value, length, at2, value2) =>
            {
                byte[] bytes = [.. whole];
                (bytes[at], bytes[at2]) = (value, value2);
                return bytes[..length];
            });
        Gen.OneOf(changed, Gen.Byte.Array[0, 200]).Sample(bytes =>
        {
            try
            {
                OnnxModel model = OnnxModel.Read(bytes, "file.onnx");
                foreach (OnnxTensor tensor in model.Graph.Initializers.Where(t => t.Count < 1000))
                    tensor.ToFloats("file.onnx");
                return true;
            }
            catch (OnnxFormatException e)
            {
                return !e.Message.Contains('\n', StringComparison.Ordinal);
            }
        }, iter: 20_000);
    }

    /// <summary>Sizes whose product is beyond all memory take none.</summary>
    [Theory]
    [InlineData(long.MaxValue, 1)]
    [InlineData(1L << 40, 1L << 40)]
    [InlineData(-1, 4)]
    [InlineData(1000, 1000)]
    public void Sizes_that_the_bytes_do_not_have_are_refused(long rows, long columns)
    {
        OnnxTensor tensor = OnnxTensor.Of("w", [rows, columns], [1f, 2f]);
        Assert.Throws<OnnxFormatException>(() => OnnxTensor.Read(Bytes(tensor.ToWire()), "file"));
    }

    internal static byte[] Bytes(OnnxModel model) => Bytes(model.ToWire());

    private static byte[] Bytes(WireWriter writer)
    {
        var stream = new MemoryStream();
        writer.CopyTo(stream);
        Assert.Equal(writer.Length, stream.Length);
        return stream.ToArray();
    }

    private static OnnxModel Small() => new()
    {
        Producer = "test",
        ProducerVersion = "1",
        Metadata = new Dictionary<string, string> { ["a"] = "b", ["ä"] = "" },
        Graph = new OnnxGraph
        {
            Name = "small",
            Nodes =
            [
                new OnnxNode
                {
                    OpType = "Conv", Name = "a/Conv", Inputs = ["x", "", "w"], Outputs = ["y"],
                    Attributes =
                    [
                        OnnxAttribute.Of("pads", 2, -3), OnnxAttribute.Of("alpha", 0.5f), OnnxAttribute.Of("group", 7L),
                        OnnxAttribute.Of("mode", "linear"), new OnnxAttribute { Name = "t", Tensor = OnnxTensor.Of("", [2], [1f, 2f]) },
                    ],
                },
            ],
            Initializers = [OnnxTensor.Of("w", [2, 2], [1f, -2f, 3f, 4f])],
            Inputs = [new OnnxValue("x", OnnxType.Float, "batch", 3)],
            Outputs = [new OnnxValue("y", OnnxType.Float, 1)],
        },
    };
}
