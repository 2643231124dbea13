using PocketSam.Training.Evaluation.Edges;

namespace PocketSam.Training.Tests.Evaluation.Edges;

public sealed class MatFileTests : IDisposable
{
    private static readonly PictureReader NoReader = _ => throw new InvalidOperationException("no picture is read here");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-mat");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Boundaries_of_all_annotators_are_read(bool bigEndian, bool compressed)
    {
        BinaryMask[] maps = [Map("#..", ".#."), Map("...", "###")];
        Write("8068.mat", new MatWriter(bigEndian).GroundTruth(maps, compressed));

        IReadOnlyList<BinaryMask> read = BoundaryTruths.Load(_folder.FullName).Read(0, 3, 2, NoReader);

        Assert.Equal(2, read.Count);
        Assert.All(read.Zip(maps), pair => Assert.True(pair.First.ContentEquals(pair.Second)));
    }

    [Fact]
    public void A_file_that_is_cut_off_or_changed_anywhere_is_read_or_refused_but_nothing_else()
    {
        foreach (bool compressed in new[] { false, true })
        {
            byte[] whole = new MatWriter().GroundTruth([Map("#.#", ".#.")], compressed);
            var random = new Random(7);
            for (int i = 0; i < 1000; i++)
            {
                byte[] damaged = i < 300 ? whole[..random.Next(whole.Length)] : [.. whole];
                if (i >= 300)
                    damaged[random.Next(124, whole.Length)] = (byte)random.Next(256);
                Write("1.mat", damaged);
                try
                {
                    BoundaryTruths.Load(_folder.FullName).Read(0, 3, 2, NoReader);
                }
                catch (DataFormatException e)
                {
                    Assert.Contains("1.mat", e.Message);
                }
            }
        }
    }

    [Fact]
    public void A_promise_of_more_than_there_is_takes_no_memory()
    {
        var writer = new MatWriter();
        byte[] cells = writer.File(writer.Array("groundTruth", 1, [int.MaxValue, int.MaxValue], []), compressed: false);
        Write("1.mat", cells);
        Assert.Contains("cut off", Assert.Throws<DataFormatException>(Read).Message);
        Write("1.mat", writer.File(writer.Array("groundTruth", 9, [1 << 20, 1 << 20], [new byte[8]]), compressed: true));
        Assert.Contains("damaged MATLAB file", Assert.Throws<DataFormatException>(Read).Message);

        void Read() => BoundaryTruths.Load(_folder.FullName).Read(0, 3, 2, NoReader);
    }

    [Fact]
    public void What_is_no_ground_truth_is_told()
    {
        Assert.Contains("neither", Assert.Throws<DataFormatException>(() => BoundaryTruths.Load(_folder.FullName)).Message);
        Write("1.mat", [.. new byte[200]]);
        Assert.Contains("version 5", Assert.Throws<DataFormatException>(Read).Message);
        var writer = new MatWriter();
        Write("1.mat", writer.File(writer.Numeric("other", 9, 2, 1, Map("#"), _ => 1), compressed: false));
        Assert.Contains("no variable 'groundTruth'", Assert.Throws<DataFormatException>(Read).Message);
        Write("1.mat", writer.GroundTruth([Map("#..")], compressed: false));
        Assert.Contains("3x1 for a picture of 3x2", Assert.Throws<DataFormatException>(Read).Message);

        void Read() => BoundaryTruths.Load(_folder.FullName).Read(0, 3, 2, NoReader);
    }

    [Fact]
    public void Maps_of_one_picture_are_those_that_differ_in_a_number_alone()
    {
        foreach (string name in new[] { "a_1.png", "a_2.png", "b.png" })
            Write(name, []);
        BoundaryTruths truths = BoundaryTruths.Load(_folder.FullName);
        Assert.Equal(2, truths.Count);
        IReadOnlyList<BinaryMask> maps = truths.Read(0, 2, 1, path => path.EndsWith("a_1.png", StringComparison.Ordinal)
            ? new RgbImage(2, 1, [255, 255, 255, 0, 0, 0]) : new RgbImage(2, 1));
        Assert.Equal([1, 0], maps.Select(map => map.Area));
    }

    internal static BinaryMask Map(params string[] rows)
    {
        var mask = new BinaryMask(rows[0].Length, rows.Length);
        for (int y = 0; y < rows.Length; y++)
        {
            for (int x = 0; x < rows[y].Length; x++)
                mask[x, y] = rows[y][x] == '#';
        }

        return mask;
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_folder.FullName, name), bytes);
}
