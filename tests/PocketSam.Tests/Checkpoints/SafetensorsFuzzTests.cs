namespace PocketSam.Tests.Checkpoints;

/// <summary>
/// Damaged files give a checkpoint or a <see cref="CheckpointFormatException"/>, and take little memory.
/// </summary>
public sealed class SafetensorsFuzzTests
{
    /// <summary>A file of a kilobyte costs its header's JSON and a few messages, not what its numbers claim.</summary>
    private const long MemoryLimit = 1 << 20;

    private static readonly byte[] Good = GoodFile();

    [Fact]
    public void Random_bytes()
    {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            byte[] file = new byte[random.Next(200)];
            random.NextBytes(file);
            if (file.Length > 8 && random.Next(2) == 0)
                BitConverter.TryWriteBytes(file, (long)random.Next(file.Length)); // a header that fits
            Survives(file);
        }
    }

    [Fact]
    public void Flipped_bits()
    {
        var random = new Random(2);
        for (int i = 0; i < 4000; i++)
        {
            byte[] file = [.. Good];
            for (int flips = random.Next(1, 5); flips > 0; flips--)
                file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            Survives(file);
        }
    }

    [Fact]
    public void Characters_of_the_header_replaced()
    {
        byte[] alphabet = "0123456789-[]{},:\"eE.\\un "u8.ToArray();
        var random = new Random(3);
        int header = (int)BitConverter.ToInt64(Good);
        for (int i = 0; i < 6000; i++)
        {
            byte[] file = [.. Good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                file[8 + random.Next(header)] = alphabet[random.Next(alphabet.Length)];
            Survives(file);
        }
    }

    [Fact]
    public void Cut_tails()
    {
        for (int length = 0; length < Good.Length; length++)
        {
            byte[] file = Good[..length];
            Assert.Throws<CheckpointFormatException>(() => Safetensors.Parse(file, "cut"));
        }

        byte[] longer = [.. Good, 0];
        Assert.Throws<CheckpointFormatException>(() => Safetensors.Parse(longer, "longer"));
    }

    private static void Survives(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            foreach (StoredTensor tensor in Safetensors.Parse(file, "damaged").Tensors.Values)
                Assert.Equal(tensor.Count, tensor.ToFloats().Length);
        }
        catch (CheckpointFormatException)
        {
            // The one exception that is expected.
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MemoryLimit);
    }

    private static byte[] GoodFile()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(
            folder["good"],
            [
                new("image_encoder.weight", StoredTensor.FromFloats(Samples.Uniform(24, 1), [2, 3, 4])),
                new("scale", StoredTensor.FromFloats([1f], [])),
                new("half", StoredTensor.FromFloats(Samples.Uniform(10, 2), [10], DataType.Float16)),
            ],
            new Dictionary<string, string> { ["pocketsam.config"] = "{\"name\": \"x\"}" });
        return File.ReadAllBytes(folder["good"]);
    }
}
