namespace PocketSam.Imaging.Tests;

/// <summary>Whatever the bytes, a picture or an <see cref="ImageFormatException"/> comes out.</summary>
public class FuzzTests
{
    private const int Seed = 20240607;
    private const int SmallLimit = 250_000;

    public static TheoryData<string> Pictures => new(Fixture.Pictures());

    [Theory]
    [MemberData(nameof(Pictures))]
    public void FlippedBits_DoNoHarm(string name)
    {
        var random = new Random(Seed);
        byte[] whole = Fixture.Bytes(name);
        for (int round = 0; round < 150; round++)
        {
            byte[] damaged = [.. whole];
            for (int flips = random.Next(1, 9); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Decode(damaged);
        }
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void MovedAndMissingPieces_DoNoHarm(string name)
    {
        var random = new Random(Seed);
        byte[] whole = Fixture.Bytes(name);
        for (int round = 0; round < 50; round++)
        {
            int from = random.Next(whole.Length);
            int to = random.Next(whole.Length);
            Decode([.. whole[..from], .. whole[to..]]);
        }
    }

    [Theory]
    [InlineData("FFD8FF")]
    [InlineData("89504E470D0A1A0A0000000D4948445200000009000000090802000000")]
    [InlineData("52494646C80000005745425056503820")]
    [InlineData("52494646C800000057454250565038580A000000")]
    [InlineData("")]
    public void RandomBytes_AfterASignature_DoNoHarm(string signature)
    {
        var random = new Random(Seed);
        for (int round = 0; round < 500; round++)
        {
            byte[] bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            Decode([.. Convert.FromHexString(signature), .. bytes]);
        }
    }

    [Fact]
    public void RandomPngHeaders_WithGoodChecksums_DoNoHarm()
    {
        var random = new Random(Seed);
        for (int round = 0; round < 500; round++)
        {
            byte[] row = new byte[random.Next(200)];
            random.NextBytes(row);
            uint width = (uint)random.Next(40);
            uint height = (uint)random.Next(4);
            Decode(new PngBuilder(width, height, 1 << random.Next(6), random.Next(8), random.Next(3))
                .Chunk("PLTE", row[..(random.Next(row.Length) / 3 * 3)])
                .Rows(row, row)
                .End());
        }
    }

    private static void Decode(byte[] bytes)
    {
        try
        {
            ImageFile.Decode(bytes, "fuzz", SmallLimit);
        }
        catch (ImageFormatException)
        {
            // The documented answer to a damaged picture.
        }
    }
}
