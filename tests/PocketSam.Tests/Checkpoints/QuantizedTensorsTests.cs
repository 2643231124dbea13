namespace PocketSam.Tests.Checkpoints;

public sealed class QuantizedTensorsTests
{
    private const string Key = "image_encoder.neck.0.weight";

    [Fact]
    public void Values_are_off_by_half_a_step_at_most()
    {
        float[] values = Samples.Uniform(5 * 33, 1);
        StoredTensor tensor = StoredTensor.Quantize(values, [5, 33]);
        float[] read = tensor.ToFloats();
        for (int row = 0; row < 5; row++)
        {
            float[] own = values[(33 * row)..(33 * (row + 1))];
            Assert.Equal(own.Max(MathF.Abs) / 127, tensor.Scales![row]);
            for (int i = 0; i < 33; i++)
                Assert.True(Math.Abs(own[i] - read[33 * row + i]) <= 0.5001f * tensor.Scales[row]);
        }

        Assert.Equal((DataType.Int8, true, 5 * 33L), (tensor.Type, tensor.IsFloating, tensor.ByteLength));
    }

    [Fact]
    public void Rows_of_nothing_and_of_next_to_nothing_are_zeros()
        => Assert.Equal(new float[6], StoredTensor.Quantize([0, 0, 0, float.Epsilon, 0, -float.Epsilon], [2, 3]).ToFloats());

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Values_that_are_not_finite_are_refused(float value)
        => Assert.Throws<ArgumentException>(() => StoredTensor.Quantize([1, value], [1, 2]));

    [Fact]
    public void Another_shape_than_that_of_the_values_is_refused()
        => Assert.Throws<ArgumentException>(() => StoredTensor.Quantize([1, 2, 3], [2, 2]));

    [Theory]
    [InlineData(".safetensors")]
    [InlineData(".pt")]
    public void Files_hold_numbers_and_scales(string extension)
    {
        using var folder = new TemporaryFolder();
        string path = folder["a" + extension];
        StoredTensor tensor = StoredTensor.Quantize(Samples.Uniform(4 * 20, 2), [4, 5, 2, 2]), other = StoredTensor.FromFloats([1, 2], [2]);
        CheckpointFile.Write(path, [new(Key, tensor), new("a_scale", other)], Metadata());

        using Checkpoint read = CheckpointFile.Read(path);
        Assert.Equal([Key, "a_scale"], read.Tensors.Keys);
        Assert.Equal(tensor.Scales, read.Tensors[Key].Scales);
        Assert.Equal(tensor.ToBytes(), read.Tensors[Key].ToBytes());
        Assert.Equal(tensor.ToFloats(), read.Tensors[Key].ToFloats());
        Assert.Equal([.. tensor.ToFloats().Select(value => (float)(Half)value)], read.Tensors[Key].ConvertTo(DataType.Float16).ToFloats());
        Assert.True(read.Tensors[Key].Fits(DataType.Float16));
        Assert.Equal(QuantizedArithmetic.Int8, QuantizationInfo.Of(read)!.Arithmetic);
    }

    [Fact]
    public void A_large_scale_does_not_fit_half_precision()
        => Assert.False(StoredTensor.Quantize([70_000f, 1f], [1, 2]).Fits(DataType.Float16));

    [Fact]
    public void Pieces_of_a_long_tensor_have_the_scales_of_their_rows()
    {
        float[] values = Samples.Uniform(3 * 10_000, 3);
        StoredTensor tensor = StoredTensor.Quantize(values, [3, 10_000]);
        float[] read = tensor.ToFloats();
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(values[i], read[i], 0.5001f * tensor.Scales![i / 10_000]);
    }

    [Fact]
    public void Numbers_of_other_programs_stay_numbers()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["a.safetensors"], [new("w", new StoredTensor(DataType.Int8, [2], new byte[] { 1, 255 }))]);
        using Checkpoint read = CheckpointFile.Read(folder["a.safetensors"]);
        Assert.Null(read.Tensors["w"].Scales);
        Assert.Equal([1f, -1f], read.Tensors["w"].ToFloats());
    }

    public static TheoryData<float[]?, string> BadScales => new()
    {
        { null, $"tensor {Key}: 8-bit numbers without their scales ({Key}_scale)" },
        { [1f], $"tensor {Key}: scales of another number than its first dimension ({Key}_scale)" },
        { [1f, 0f], $"tensor {Key}: a scale that is 0 ({Key}_scale)" },
        { [float.NaN, 1f], $"tensor {Key}: a scale that is NaN ({Key}_scale)" },
        { [-1f, 1f], $"tensor {Key}: a scale that is -1 ({Key}_scale)" },
    };

    [Theory]
    [MemberData(nameof(BadScales))]
    public void Scales_that_cannot_be_are_refused(float[]? scales, string message)
    {
        using var folder = new TemporaryFolder();
        var tensors = new List<KeyValuePair<string, StoredTensor>> { new(Key, new StoredTensor(DataType.Int8, [2, 3], new byte[6])) };
        if (scales is not null)
            tensors.Add(new(Key + "_scale", StoredTensor.FromFloats(scales, [scales.Length])));
        Safetensors.Write(folder["plain.safetensors"], tensors);
        byte[] bytes = File.ReadAllBytes(folder["plain.safetensors"]);
        File.WriteAllBytes(folder["a.safetensors"], WithMetadata(bytes, new QuantizationInfo().ToJson()));

        var error = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(folder["a.safetensors"]));
        Assert.Equal(message, error.Reason);
    }

    [Theory]
    [InlineData("{\"version\":2}", "quantised by a newer version (form 2 where 1 is known)")]
    [InlineData("{\"arithmetic\":\"int3\"}", "pocketsam.quantization cannot be read: ")]
    [InlineData("{\"float_layers\":null}", "pocketsam.quantization cannot be read: ")]
    [InlineData("[]", "pocketsam.quantization cannot be read: ")]
    public void What_the_metadata_must_say_is_looked_at(string json, string message)
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["plain.safetensors"], [new("w", StoredTensor.FromFloats([1], [1]))]);
        File.WriteAllBytes(folder["a.safetensors"], WithMetadata(File.ReadAllBytes(folder["plain.safetensors"]), json));
        Assert.StartsWith(message, Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(folder["a.safetensors"])).Reason);
    }

    private static Dictionary<string, string> Metadata()
        => new() { [QuantizationInfo.MetadataKey] = new QuantizationInfo { Arithmetic = QuantizedArithmetic.Int8 }.ToJson() };

    /// <summary>A safetensors file without metadata, with what it says of quantisation.</summary>
    private static byte[] WithMetadata(byte[] file, string quantization)
    {
        int length = (int)BitConverter.ToInt64(file);
        string header = System.Text.Encoding.UTF8.GetString(file, 8, length).TrimEnd();
        string text = $"{{\"__metadata__\":{{\"{QuantizationInfo.MetadataKey}\":{System.Text.Json.JsonSerializer.Serialize(quantization)}}}," + header[1..];
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return [.. BitConverter.GetBytes((long)bytes.Length), .. bytes, .. file[(8 + length)..]];
    }
}
