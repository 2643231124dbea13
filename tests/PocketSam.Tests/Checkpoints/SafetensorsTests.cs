using System.Buffers.Binary;
using System.Text;

namespace PocketSam.Tests.Checkpoints;

public sealed class SafetensorsTests
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    [Fact]
    public void Floats_come_back_as_they_were()
    {
        using var folder = new TemporaryFolder();
        float[] values = [0f, -0f, 1f, float.Epsilon, float.MaxValue, float.NegativeInfinity, float.NaN, 1 / 3f];
        Write(
            folder["a.safetensors"],
            ("x", StoredTensor.FromFloats(values, [2, 4])), ("y", StoredTensor.FromFloats([5f], [])));
        Checkpoint read = Safetensors.Read(folder["a.safetensors"]);
        Assert.Equal(["x", "y"], read.Tensors.Keys);
        Assert.Equal([2, 4], read.Tensors["x"].Shape);
        Assert.Equal(
            values.Select(BitConverter.SingleToInt32Bits),
            read.Tensors["x"].ToFloats().Select(BitConverter.SingleToInt32Bits));
        Assert.Empty(read.Tensors["y"].Shape);
        Assert.Equal([5f], read.Tensors["y"].ToFloats());
        Assert.Equal(folder["a.safetensors"], read.Source);
        Assert.Equal(["a.safetensors"], folder.Files);
    }

    [Fact]
    public void Halves_come_back_rounded_once()
    {
        using var folder = new TemporaryFolder();
        float[] values = [0f, 1f, 1 / 3f, 65504f, 1e6f, 6e-8f];
        Write(folder["a"], ("x", StoredTensor.FromFloats(values, [6], DataType.Float16)));
        StoredTensor x = Safetensors.Read(folder["a"]).Tensors["x"];
        Assert.Equal(DataType.Float16, x.Type);
        Assert.Equal(12, x.ByteLength);
        Assert.Equal(values.Select(v => (float)(Half)v), x.ToFloats());
    }

    [Fact]
    public void Eight_bits_are_the_floats_they_stand_for()
    {
        // float8_e4m3fn: the least is 2^-9, the greatest 448, all ones is not a number.
        byte[] bits = [0x01, 0x07, 0x08, 0x38, 0x7E, 0x7F, 0xFF, 0xB8];
        float[] values = Parse("""{"x":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", bits).Tensors["x"].ToFloats();
        Assert.Equal([1 / 512f, 7 / 512f, 1 / 64f, 1f, 448f, float.NaN, float.NaN, -1f], values);
    }

    [Fact]
    public void Every_type_is_read()
    {
        byte[] data = [0, 0x80, 0, 0, 0, 0, 0xF0, 0x3F];
        Checkpoint all = Parse(
            """
            {"f64":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}
            """, data);
        Assert.Equal((float)BitConverter.ToDouble(data), all.Tensors["f64"].ToFloats()[0]);
        Assert.Equal([0f, 128f, 0f, 0f, 0f, 0f, 240f, 63f], Values("U8", 8));
        Assert.Equal([0f, -128f, 0f, 0f, 0f, 0f, -16f, 63f], Values("I8", 8));
        Assert.Equal([0f, 1f, 0f, 0f, 0f, 0f, 1f, 1f], Values("BOOL", 8).Select(v => v == 0 ? 0f : 1f));
        Assert.Equal([-32768f, 0f, 0f, 16368f], Values("I16", 4));
        Assert.Equal([32768f, 1072693248f], Values("I32", 2));
        Assert.Equal([4607182418800050176f], Values("I64", 1));
        Assert.Equal([-0f, 0f, 0f, 1.875f], Values("BF16", 4));
        Assert.Equal([32768f, 0f, 0f, 16368f], Values("U16", 4));
        Assert.Equal([32768f, 1072693248f], Values("U32", 2));
        Assert.Equal([4607182418800050176f], Values("U64", 1));
        Assert.Equal([0f, -0f, 0f, 0f, 0f, 0f, -128f, 1.875f], Values("F8_E4M3", 8));
        Assert.Equal([0f, -0f, 0f, 0f, 0f, 0f, -8192f, 1.75f], Values("F8_E5M2", 8));

        float[] Values(string type, int count) => Parse(
            $$"""
            {"x":{"dtype":"{{type}}","shape":[{{count}}],"data_offsets":[0,8]} }
            """, data).Tensors["x"].ToFloats();
    }

    [Fact]
    public void Metadata_travels()
    {
        using var folder = new TemporaryFolder();
        var metadata = new Dictionary<string, string> { ["a"] = "b", ["json"] = "{\"x\": \"ü\\n\"}", ["empty"] = "" };
        Safetensors.Write(folder["a"], [], metadata);
        Checkpoint read = Safetensors.Read(folder["a"]);
        Assert.Equal(metadata, read.Metadata);
        Assert.Empty(read.Tensors);
    }

    [Fact]
    public void Tensors_begin_at_a_multiple_of_eight()
    {
        using var folder = new TemporaryFolder();
        for (int length = 1; length <= 8; length++)
        {
            Write(folder["a"], (new string('n', length), StoredTensor.FromFloats([1f], [1])));
            byte[] file = File.ReadAllBytes(folder["a"]);
            Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(file) % 8);
        }
    }

    [Fact]
    public void Bytes_that_do_not_fit_the_shape_are_no_tensor()
    {
        Assert.Throws<ArgumentException>(() => new StoredTensor(DataType.Float32, [2], new byte[7]));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoredTensor.FromFloats([1f], [1], DataType.Int8));
    }

    [Fact]
    public void Short_files_are_refused()
    {
        for (int length = 0; length < 10; length++)
            Refused(new byte[length]);
    }

    [Theory]
    [InlineData(1UL << 60)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 31)]
    [InlineData(100_000_001UL)]
    [InlineData(33UL)]
    public void A_header_longer_than_the_file_is_refused(ulong length)
    {
        byte[] file = new byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Assert.Contains("header", Refused(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("3")]
    [InlineData("\"text\"")]
    [InlineData("{\"a\": 1}")]
    [InlineData("{\"a\": []}")]
    [InlineData("{\"a\": {}} trailing")]
    [InlineData("{\"__metadata__\": {\"a\": 1}}")]
    [InlineData("{\"__metadata__\": []}")]
    [InlineData("{\"\\ud800\": {}}")]
    [InlineData("{\"__metadata__\": {\"a\": \"\\udc00\"}}")]
    public void A_broken_header_is_refused(string header) => Refused(Bytes(header, 8));

    [Theory]
    [InlineData("\"F32\"", "[2]", "[0,16]", "bytes")] // outside of the file
    [InlineData("\"F32\"", "[2]", "[8,16]", "bytes")]
    [InlineData("\"F32\"", "[2]", "[-8,0]", "bytes")]
    [InlineData("\"F32\"", "[2]", "[8,0]", "bytes")]
    [InlineData("\"F32\"", "[2]", "[0,4]", "bytes")] // another size than the shape's
    [InlineData("\"F32\"", "[1]", "[0,8]", "bytes")]
    [InlineData("\"F32\"", "[]", "[0,8]", "bytes")]
    [InlineData("\"F32\"", "[1]", "[4,8]", "byte")] // a hole before it
    [InlineData("\"F32\"", "[1]", "[0,4]", "bytes")] // a hole after it
    [InlineData("\"F32\"", "[-2]", "[0,8]", "shape")]
    [InlineData("\"F32\"", "[-1,-2]", "[0,8]", "shape")]
    [InlineData("\"F32\"", "[65536,65536,65536,65536]", "[0,8]", "shape")]
    [InlineData("\"F32\"", "[2147483647,2147483647]", "[0,8]", "shape")]
    [InlineData("\"F32\"", "[4611686018427387904]", "[0,8]", "")]
    [InlineData("\"F32\"", "[2.5]", "[0,8]", "")]
    [InlineData("\"F32\"", "[\"2\"]", "[0,8]", "")]
    [InlineData("\"F32\"", "{}", "[0,8]", "")]
    [InlineData("\"F32\"", "[2]", "[0]", "data_offsets")]
    [InlineData("\"F32\"", "[2]", "[0,8,8]", "data_offsets")]
    [InlineData("\"F32\"", "[2]", "8", "")]
    [InlineData("\"F32\"", "[2]", "[0,1e3]", "")]
    [InlineData("\"F32\"", "[2]", "[0,18446744073709551616]", "")]
    [InlineData("\"F32\"", "[2]", "[null,8]", "")]
    [InlineData("\"Q4\"", "[2]", "[0,8]", "type Q4")]
    [InlineData("null", "[2]", "[0,8]", "type")]
    [InlineData("7", "[2]", "[0,8]", "")]
    public void A_broken_tensor_is_refused(string type, string shape, string offsets, string reason)
    {
        string message = Refused(Bytes(
            $$"""
            {"some.weight":{"dtype":{{type}},"shape":{{shape}},"data_offsets":{{offsets}}} }
            """, 8));
        Assert.Contains(reason, message, StringComparison.Ordinal);
        if (reason.Length > 0)
            Assert.Contains("some.weight", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", 0, 8, "b", 4, 12)] // half of the one is the other's
    [InlineData("a", 0, 8, "b", 0, 8)]
    [InlineData("a", 0, 12, "b", 4, 8)]
    [InlineData("a", 0, 4, "b", 8, 12)] // nobody's bytes between them
    [InlineData("a", 0, 8, "a", 8, 12)] // one name twice
    public void Tensors_must_share_out_the_data(string a, int aStart, int aEnd, string b, int bStart, int bEnd)
    {
        string header =
            $$"""
            {"{{a}}":{"dtype":"U8","shape":[{{aEnd - aStart}}],"data_offsets":[{{aStart}},{{aEnd}}]},
             "{{b}}":{"dtype":"U8","shape":[{{bEnd - bStart}}],"data_offsets":[{{bStart}},{{bEnd}}]} }
            """;
        Assert.Contains("tensor ", Refused(Bytes(header, 12)), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_may_come_in_any_order_and_be_empty()
    {
        Checkpoint read = Parse(
            """
            {"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},
             "none":{"dtype":"F32","shape":[0,7],"data_offsets":[1,1]},
             "a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]} }
            """, [1, 2, 3]);
        Assert.Equal([1f], read.Tensors["a"].ToFloats());
        Assert.Equal([2f, 3f], read.Tensors["b"].ToFloats());
        Assert.Empty(read.Tensors["none"].ToFloats());
    }

    [Fact]
    public void Places_beyond_four_gigabytes_are_read()
    {
        using var folder = new TemporaryFolder();
        const long Large = 3_000_000_000, Start = 2 * Large; // of a file that is a hole but for its ends
        byte[] header = Encoding.UTF8.GetBytes(
            $$"""
            {"a":{"dtype":"U8","shape":[3,1000000000],"data_offsets":[0,{{Large}}]},
            "b":{"dtype":"I16","shape":[1500000000],"data_offsets":[{{Large}},{{Start}}]},
            "c":{"dtype":"F32","shape":[1],"data_offsets":[{{Start}},{{Start + 4}}]} }
            """);
        using (var file = new FileStream(folder["a"], FileMode.CreateNew))
        {
            file.Write(BitConverter.GetBytes((long)header.Length));
            file.Write(header);
            file.Position = 8 + header.Length + Start;
            file.Write(BitConverter.GetBytes(2.5f));
        }

        using Checkpoint read = Safetensors.Read(folder["a"]);
        Assert.Equal([Large, Large, 4L], read.Tensors.Values.Select(t => t.ByteLength));
        Assert.Equal([2.5f], read.Tensors["c"].ToFloats());
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        using var folder = new TemporaryFolder();
        foreach (string path in new[] { folder["nothing.safetensors"], folder["."] })
        {
            var e = Assert.ThrowsAny<IOException>(() => Safetensors.Read(path));
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_half_written_is_left_where_writing_fails()
    {
        using var folder = new TemporaryFolder();
        Write(folder["a"], ("x", StoredTensor.FromFloats([1f], [1])));
        byte[] before = File.ReadAllBytes(folder["a"]);
        Assert.Throws<InvalidDataException>(() => Safetensors.Write(folder["a"], Failing()));
        Assert.Equal(before, File.ReadAllBytes(folder["a"]));
        Assert.Equal(["a"], folder.Files);

        static IEnumerable<KeyValuePair<string, StoredTensor>> Failing()
        {
            yield return new("x", StoredTensor.FromFloats([2f], [1]));
            throw new InvalidDataException("the second tensor cannot be had");
        }
    }

    private static void Write(string path, params (string Name, StoredTensor Tensor)[] tensors)
        => Safetensors.Write(path, tensors.Select(t => KeyValuePair.Create(t.Name, t.Tensor)), NoMetadata);

    private static byte[] Bytes(string header, int dataLength)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. new byte[dataLength]];
    }

    private static Checkpoint Parse(string header, byte[] data)
    {
        byte[] file = Bytes(header, data.Length);
        data.CopyTo(file, file.Length - data.Length);
        return Safetensors.Parse(file, "test");
    }

    private static string Refused(byte[] file)
    {
        var e = Assert.Throws<CheckpointFormatException>(() => Safetensors.Parse(file, "bad.safetensors"));
        Assert.StartsWith("bad.safetensors: ", e.Message, StringComparison.Ordinal);
        return e.Message;
    }
}
