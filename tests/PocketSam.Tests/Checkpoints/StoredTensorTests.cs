using System.Runtime.InteropServices;
using PocketSam.Checkpoints.Storage;

namespace PocketSam.Tests.Checkpoints;

public sealed class StoredTensorTests
{
    /// <summary>More elements than are converted at once.</summary>
    private const int Many = 20_001;

    public static TheoryData<int[], long[], long> Views => new()
    {
        { [4, 6], [6, 1], 0 },
        { [6, 4], [1, 6], 0 }, // transposed
        { [2, 3], [6, 1], 8 }, // a corner
        { [4, 3], [6, 2], 1 }, // every second column
        { [3], [7], 2 }, // a diagonal
        { [2, 3, 4], [1, 8, 2], 0 },
        { [4, 2, 3], [3, 12, 1], 0 },
        { [1, 24], [5, 1], 0 }, // a stride that is never used
        { [1, 1], [9, 9], 23 },
        { [], [], 7 },
        { [0, 3], [3, 1], 0 },
        { [5, 4], [1, 1], 3 }, // rows that overlap
        { [100, 200], [200, 1], 0 },
        { [200, 100], [1, 200], 0 }, // farther than one window
        { [5, 4], [4001, 997], 11 },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public void Views_equal_their_naive_twin(int[] shape, long[] strides, long offset)
    {
        float[] storage = Samples.Uniform(20_000, 1);
        var expected = new List<float>();
        Walk(0, offset);
        Assert.Equal(expected, View(DataType.Float32, MemoryMarshal.AsBytes(storage.AsSpan()).ToArray()).ToFloats());

        byte[] halves = StoredTensor.FromFloats(storage, [storage.Length], DataType.Float16).ToBytes();
        StoredTensor half = View(DataType.Float16, halves);
        Assert.Equal(expected.Select(v => (float)(Half)v), half.ToFloats());
        Assert.Equal(expected.Select(v => (Half)v), MemoryMarshal.Cast<byte, Half>(half.ToBytes()).ToArray());
        Assert.Equal(half.ToBytes(), Written(half));
        Assert.Equal(half.ToBytes(), Written(View(DataType.Float32, MemoryMarshal.AsBytes(storage.AsSpan()).ToArray()).ConvertTo(DataType.Float16)));

        StoredTensor View(DataType type, byte[] bytes)
            => new(type, shape, new MemoryBytes(bytes, "test"), offset * StoredTensor.SizeOf(type), strides);

        void Walk(int dimension, long place)
        {
            if (dimension == shape.Length)
                expected.Add(storage[place]);
            else
                for (int i = 0; i < shape[dimension]; i++)
                    Walk(dimension + 1, place + i * strides[dimension]);
        }
    }

    [Theory]
    [InlineData(DataType.Float64, 8)]
    [InlineData(DataType.Float32, 4)]
    [InlineData(DataType.Int16, 2)]
    [InlineData(DataType.UInt8, 1)]
    public void Big_endian_elements_are_turned_round(DataType type, int size)
    {
        byte[] little = new byte[Many * size];
        for (int i = 0; i < Many; i++)
        {
            byte[] element = type switch
            {
                DataType.Float64 => BitConverter.GetBytes(i / 8.0),
                DataType.Float32 => BitConverter.GetBytes(i / 8f),
                DataType.Int16 => BitConverter.GetBytes((short)i),
                _ => [(byte)i],
            };
            element.CopyTo(little, i * size);
        }

        byte[] big = [.. little.Chunk(size).SelectMany(element => element.Reverse())];
        var tensor = new StoredTensor(type, [Many], new MemoryBytes(big, "test"), 0, bigEndian: true);
        Assert.Equal(new StoredTensor(type, [Many], little).ToFloats(), tensor.ToFloats());
        Assert.Equal(little, tensor.ToBytes());
        Assert.Equal(little, Written(tensor));
    }

    [Theory]
    [InlineData(DataType.Float32)]
    [InlineData(DataType.Float16)]
    public void Conversion_rounds_once_whatever_the_length(DataType type)
    {
        float[] values = Samples.Uniform(Many, 2);
        double[] doubles = [.. values.Select(v => (double)v)];
        var stored = new StoredTensor(DataType.Float64, [Many], MemoryMarshal.AsBytes(doubles.AsSpan()).ToArray());
        StoredTensor converted = stored.ConvertTo(type);
        Assert.Equal((type, Many * StoredTensor.SizeOf(type)), (converted.Type, converted.ByteLength));
        Assert.Equal(StoredTensor.FromFloats(values, [Many], type).ToBytes(), Written(converted));
        Assert.Equal(StoredTensor.FromFloats(values, [Many], type).ToFloats(), converted.ToFloats());
        Assert.Same(converted, converted.ConvertTo(type));
        Assert.Throws<InvalidOperationException>(
            () => new StoredTensor(DataType.Int8, [1], new byte[1]).ConvertTo(type));
    }

    [Fact]
    public void What_becomes_infinite_does_not_fit()
    {
        Assert.True(Fits(65504f, DataType.Float16));
        Assert.True(Fits(65519.99f, DataType.Float16)); // rounds down
        Assert.False(Fits(65520f, DataType.Float16));
        Assert.False(Fits(-1e9f, DataType.Float16));
        Assert.True(Fits(1e-30f, DataType.Float16)); // becomes zero
        Assert.True(Fits(float.PositiveInfinity, DataType.Float16)); // was infinite before
        Assert.True(Fits(float.NaN, DataType.Float16));
        Assert.True(Fits(float.MaxValue, DataType.Float32));
        Assert.False(FitsDouble(1e300, DataType.Float32));
        Assert.False(FitsDouble(3.4028235677973366e38, DataType.Float32)); // half way to the next power of two
        Assert.True(FitsDouble(3.4028235677973362e38, DataType.Float32));
        Assert.False(FitsDouble(1e300, DataType.Float16));

        static bool Fits(float value, DataType type)
            => StoredTensor.FromFloats([.. new float[Many], value], [Many + 1]).Fits(type);

        static bool FitsDouble(double value, DataType type)
            => new StoredTensor(DataType.Float64, [1], BitConverter.GetBytes(value)).Fits(type);
    }

    [Fact]
    public void A_destination_of_another_length_is_refused()
        => Assert.Throws<ArgumentException>(() => StoredTensor.FromFloats([1f, 2f], [2]).Read(new float[3]));

    [Fact]
    public void Nothing_is_read_after_the_checkpoint_is_disposed()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["a"], [new("x", StoredTensor.FromFloats([1f], [1]))]);
        Checkpoint read = Safetensors.Read(folder["a"]);
        Assert.Equal([1f], read.Tensors["x"].ToFloats());
        read.Dispose();
        Assert.Throws<ObjectDisposedException>(() => read.Tensors["x"].ToFloats());
        File.Delete(folder["a"]); // which an open file would forbid on some systems
    }

    [Fact]
    public void A_file_that_became_shorter_is_told()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["a"], [new("x", StoredTensor.FromFloats(new float[9], [9]))]);
        using Checkpoint read = Safetensors.Read(folder["a"]);
        using (var file = new FileStream(folder["a"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(file.Length - 1);
        string message = Assert.Throws<CheckpointFormatException>(() => read.Tensors["x"].ToFloats()).Message;
        Assert.Equal($"{folder["a"]}: has become shorter while it was read", message);
    }

    [Fact]
    public void Reading_into_a_destination_takes_no_memory()
    {
        using var folder = new TemporaryFolder();
        const int Count = 1 << 20;
        Safetensors.Write(folder["a"], [new("x", StoredTensor.FromFloats(Samples.Uniform(Count, 3), [Count]))]);
        using Checkpoint read = Safetensors.Read(folder["a"]);
        float[] destination = new float[Count];
        read.Tensors["x"].Read(destination);
        long before = GC.GetAllocatedBytesForCurrentThread();
        read.Tensors["x"].Read(destination);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.Equal(Samples.Uniform(Count, 3), destination);
    }

    private static byte[] Written(StoredTensor tensor)
    {
        using var stream = new MemoryStream();
        tensor.CopyTo(stream);
        return stream.ToArray();
    }
}
