using PocketSam.Checkpoints.Storage;

namespace PocketSam.Tests.Checkpoints;

/// <summary>
/// Damaged files of all formats give a checkpoint or a <see cref="CheckpointFormatException"/>, and take little memory.
/// </summary>
public sealed class TorchFuzzTests
{
    /// <summary>A file of a few kilobytes costs its buffers, its values and a few messages.</summary>
    private const long MemoryLimit = 2 << 20;

    private const int ShortRun = 1500;
    private const int LongRun = 200_000;

    /// <summary>Bytes that mean something in pickles and archives.</summary>
    private static readonly byte[] Alphabet =
        [.. "(.012NJKMGTUXBC}])tldaesucRbQhjqrPK\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b"u8, 0, 0x7F, .. Enumerable.Range(0x80, 0x17).Select(i => (byte)i), 0xFF];

    public static TheoryData<string> Names => ["views.pt", "views-legacy.pth", "training-2.pt", "training-4.pt", "written.pt", "written.safetensors"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_files(string name) => Damage(name, ShortRun, seed: 1);

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Category", "Slow")]
    public void Damaged_files_at_length(string name) => Damage(name, LongRun, seed: 2);

    [Theory]
    [MemberData(nameof(Names))]
    public void Cut_tails(string name)
    {
        byte[] good = Good(name);
        Survives(good);
        for (int length = 0; length < good.Length; length++)
        {
            byte[] file = good[..length];
            Assert.Throws<CheckpointFormatException>(() => Parse(file));
        }
    }

    [Fact]
    public void Random_bytes_behind_a_sound_beginning()
    {
        var random = new Random(3);
        for (int i = 0; i < ShortRun; i++)
        {
            byte[] noise = new byte[random.Next(300)];
            for (int k = 0; k < noise.Length; k++)
                noise[k] = random.Next(3) == 0 ? (byte)random.Next(256) : Alphabet[random.Next(Alphabet.Length)];
            Survives([.. "PK\u0003\u0004"u8, .. noise]);
            Survives(noise);
            Survives(TorchBuilder.Zip([0x80, 2, .. noise], new byte[24]));
            Survives(TorchBuilder.Legacy([0x80, 2, .. noise], random.Next(2) == 0, ("0", 6, new byte[24])));
        }
    }

    private static void Damage(string name, int runs, int seed)
    {
        byte[] good = Good(name);
        var random = new Random(seed);
        for (int i = 0; i < runs; i++)
        {
            byte[] file = [.. good];
            for (int changes = random.Next(1, 5); changes > 0; changes--)
            {
                int place = random.Next(file.Length);
                switch (random.Next(4))
                {
                    case 0:
                        file[place] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1:
                        file[place] = Alphabet[random.Next(Alphabet.Length)];
                        break;
                    case 2:
                        int from = random.Next(file.Length), length = random.Next(Math.Min(40, file.Length - Math.Max(from, place)) + 1);
                        Array.Copy(file, from, file, place, length);
                        break;
                    default:
                        file = [.. file[..place], .. file[Math.Min(file.Length, place + random.Next(1, 9))..]];
                        break;
                }

                if (file.Length == 0)
                    break;
            }

            Survives(file);
        }
    }

    private static void Survives(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            foreach (StoredTensor tensor in Parse(file).Tensors.Values)
                Assert.Equal(tensor.Count, tensor.ToFloats().Length);
        }
        catch (CheckpointFormatException e)
        {
            Assert.StartsWith("damaged: ", e.Message, StringComparison.Ordinal);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MemoryLimit);
    }

    private static Checkpoint Parse(byte[] file) => CheckpointFile.Read(new MemoryBytes(file, "damaged"));

    private static byte[] Good(string name)
    {
        if (!name.StartsWith("written", StringComparison.Ordinal))
            return File.ReadAllBytes(TorchFixtureTests.Fixture(name));
        using var folder = new TemporaryFolder();
        CheckpointFile.Write(
            folder[name],
            [
                new("image_encoder.weight", StoredTensor.FromFloats(Samples.Uniform(24, 1), [2, 3, 4])),
                new("scale", StoredTensor.FromFloats([1f], [])),
                new("half", StoredTensor.FromFloats(Samples.Uniform(10, 2), [10], DataType.Float16)),
            ],
            new Dictionary<string, string> { ["pocketsam.config"] = "{\"name\": \"x\"}" });
        return File.ReadAllBytes(folder[name]);
    }
}
