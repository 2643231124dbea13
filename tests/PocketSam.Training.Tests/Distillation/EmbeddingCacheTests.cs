using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Training.Data;
using PocketSam.Training.Distillation;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Distillation;

public sealed class EmbeddingCacheTests : IDisposable
{
    private const int Size = 64;

    /// <summary>What 10 bits behind the leading one keep, of values that are no subnormal halves.</summary>
    private const float HalfTolerance = 1f / 2048;

    private static readonly Sam Teacher = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1), "teacher");
    private readonly TemporaryFolder _folder = new();

    private string Cache => _folder["cache"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        EmbeddingCacheWriter writer = Writer();
        float[][] expected = [.. Enumerable.Range(0, 5).Select(i => Add(writer, $"more/{i}.png", seed: i))];
        writer.Flush();

        using EmbeddingCache cache = EmbeddingCache.Open(Cache, Teacher.Fingerprint, Size);

        Assert.Equal(("teacher", Teacher.Fingerprint, Size), (cache.Teacher, cache.Fingerprint, cache.InputSize));
        Assert.Equal((4, 32, 5, 3), (cache.Side, cache.Channels, cache.Embeddings.Count, cache.Shards));
        Assert.Equal((30, 20), (cache.Embeddings["more/2.png"].Width, cache.Embeddings["more/2.png"].Height));
        Assert.Equal(Directory.GetFiles(Cache).Sum(file => new FileInfo(file).Length), cache.Bytes);
        Parallel.For(0, 50, i =>
        {
            float[] values = Read(cache, $"more/{i % 5}.png");
            for (int k = 0; k < values.Length; k++)
                Assert.Equal(expected[i % 5][k], values[k], HalfTolerance * Math.Max(1, Math.Abs(expected[i % 5][k])));
        });
    }

    [Fact]
    public void The_newest_shard_wins_whatever_the_clock_said()
    {
        // As shards were called by the time of writing, on a machine whose clock was two days ahead.
        EmbeddingCacheWriter writer = Writer();
        Add(writer, "a.png", seed: 1);
        writer.Flush();
        File.Move(Directory.GetFiles(Cache).Single(), Path.Combine(
            Cache, $"embeddings-{Guid.CreateVersion7(DateTimeOffset.UtcNow.AddDays(2)):N}.safetensors"));

        for (int seed = 2; seed < 10; seed++)
        {
            EmbeddingCacheWriter again = Writer();
            float[] newest = Add(again, "a.png", seed);
            again.Flush();
            using EmbeddingCache cache = EmbeddingCache.Open(Cache);
            Assert.Equal(newest.Select(v => (float)(Half)v), Read(cache, "a.png"));
        }

        Assert.Equal(9, Directory.GetFiles(Cache).Length);
    }

    [Fact]
    public void Torn_shard_is_named_and_what_it_held_is_missing()
    {
        EmbeddingCacheWriter writer = Writer();
        for (int i = 0; i < 4; i++)
            Add(writer, $"{i}.png", seed: i);
        string last = Directory.GetFiles(Cache).Order(StringComparer.Ordinal).Last();
        File.WriteAllBytes(last, File.ReadAllBytes(last)[..^100]);

        EmbeddingCacheWriter again = Writer();
        Assert.StartsWith($"{last}: ", Assert.Single(again.Torn));
        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(i => again.Holds($"{i}.png")));
        using (EmbeddingCache cache = EmbeddingCache.Open(Cache))
        {
            var e = Assert.Throws<DataFormatException>(() => Read(cache, "3.png"));
            Assert.StartsWith($"{Cache}: has no embedding of 3.png; 1 torn: {last}: ", e.Message);
        }

        Add(again, "2.png", seed: 2);
        float[] expected = Add(again, "3.png", seed: 3);
        using EmbeddingCache whole = EmbeddingCache.Open(Cache);
        Assert.Equal((4, 2), (whole.Embeddings.Count, whole.Shards));
        Assert.Equal(expected.Select(v => (float)(Half)v), Read(whole, "3.png"));
        foreach (string file in Directory.GetFiles(Cache).Where(file => file != last))
            File.Delete(file);
        var none = Assert.Throws<DataFormatException>(() => EmbeddingCache.Open(Cache));
        Assert.StartsWith($"{Cache}: holds no embeddings; 1 torn: {last}: ", none.Message);
    }

    [Fact]
    public void Cache_of_something_else_is_refused()
    {
        EmbeddingCacheWriter writer = Writer();
        Add(writer, "a.png", seed: 1);
        writer.Flush();
        string shard = Assert.Single(Directory.GetFiles(Cache));
        Sam other = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 2));

        string teacher = $"{shard}: holds embeddings of another teacher, teacher (fingerprint {Teacher.Fingerprint}, "
            + $"not {other.Fingerprint})";
        string size = $"{shard}: holds embeddings of another input size, {Size}, not 128";
        Refuses(teacher, () => EmbeddingCache.Open(Cache, other.Fingerprint));
        Refuses(teacher, () => new EmbeddingCacheWriter(Cache, other, Size));
        Refuses(size, () => EmbeddingCache.Open(Cache, Teacher.Fingerprint, 128));
        Refuses(size, () => new EmbeddingCacheWriter(Cache, Teacher, 128));
        Refuses($"{_folder["none"]}: holds no embeddings", () => EmbeddingCache.Open(_folder["none"]));
        using ImageEmbedding foreign = other.Encode(Picture(1), Size);
        Assert.Throws<ArgumentException>(() => writer.Add("b.png", "", foreign));
        Assert.Throws<ArgumentException>(() => writer.Add("b.png", new string('0', 64), foreign));
    }

    [Fact]
    public void Pictures_that_changed_or_vanished_are_told()
    {
        string picture = _folder.Write("a.png", "one");
        EmbeddingCacheWriter writer = Writer();
        using (ImageEmbedding embedding = Teacher.Encode(Picture(1), Size))
            writer.Add("a.png", PictureKey.Hash(picture), embedding);
        writer.Flush();
        using (EmbeddingCache cache = EmbeddingCache.Open(Cache))
        {
            cache.Verify("a.png", picture);
            File.WriteAllText(picture, "two");
            Refuses(
                $"{picture}: is not the picture whose embedding is in {Cache}; embed it again",
                () => cache.Verify("a.png", picture));
            File.Delete(picture);
            Refuses(
                $"{picture}: the picture is missing; its embedding is in {Cache}", () => cache.Verify("a.png", picture));
            Refuses($"{Cache}: has no embedding of b.png", () => cache.Verify("b.png", picture));
        }

        float[] expected = Add(writer, "a.png", seed: 9);
        writer.Flush();
        using EmbeddingCache later = EmbeddingCache.Open(Cache);
        Assert.Equal((1, 2), (later.Embeddings.Count, later.Shards));
        Assert.Equal(expected.Select(v => (float)(Half)v), Read(later, "a.png"));
    }

    [Fact]
    public void Shards_are_written_when_they_are_full_or_old()
    {
        var hasty = new EmbeddingCacheWriter(Cache, Teacher, Size, shardTime: TimeSpan.Zero);
        Add(hasty, "a.png", seed: 1);
        Assert.Single(Directory.GetFiles(Cache));
        EmbeddingCacheWriter writer = Writer();
        Add(writer, "b.png", seed: 1);
        Assert.Single(Directory.GetFiles(Cache));
        Add(writer, "c.png", seed: 1);
        Assert.Equal(2, Directory.GetFiles(Cache).Length);
        writer.Flush();
        Assert.Equal(2, Directory.GetFiles(Cache).Length);
    }

    [Theory]
    [InlineData(65520)]
    [InlineData(float.NaN)]
    public void Values_beyond_half_precision_are_refused(float value)
    {
        EmbeddingCacheWriter writer = Writer();
        using var embedding = new ImageEmbedding(
            ImageGeometry.For(30, 20, Size), 32, new ModelIdentity("teacher", () => Teacher.Fingerprint));
        using (ImageEmbedding.Loan loan = embedding.Borrow())
        {
            loan.Tensor.Span.Clear();
            loan.Tensor.Span[7] = value;
        }

        var e = Assert.Throws<ArgumentException>(() => writer.Add("a.png", new string('0', 64), embedding));
        Assert.Equal("a.png: the embedding holds values beyond half precision", e.Message);
        Assert.False(writer.Holds("a.png"));
    }

    [Fact]
    public void Shard_that_cannot_be_written_loses_nothing()
    {
        _folder.Write("cache", "a file");
        EmbeddingCacheWriter writer = Writer();
        float[] expected = Add(writer, "a.png", seed: 1);

        Assert.ThrowsAny<IOException>(writer.Flush);
        File.Delete(Cache);
        writer.Flush();

        using EmbeddingCache cache = EmbeddingCache.Open(Cache);
        Assert.Equal(expected.Select(v => (float)(Half)v), Read(cache, "a.png"));
    }

    /// <summary>Two embeddings fill a shard.</summary>
    private EmbeddingCacheWriter Writer() => new(Cache, Teacher, Size, shardBytes: 2 * 4 * 4 * 32 * sizeof(short));

    private static RgbImage Picture(int seed)
    {
        var picture = new RgbImage(30, 20);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    /// <summary>Adds an embedding and gives its values, channels last.</summary>
    private static float[] Add(EmbeddingCacheWriter writer, string key, int seed)
    {
        using ImageEmbedding embedding = Teacher.Encode(Picture(seed), Size);
        writer.Add(key, new string('0', 63) + seed, embedding);
        Assert.True(writer.Holds(key, new string('0', 63) + seed));
        Assert.False(writer.Holds(key, new string('1', 64)));
        using ImageEmbedding.Loan loan = embedding.Borrow();
        return loan.Tensor.Span.ToArray();
    }

    private static float[] Read(EmbeddingCache cache, string key)
    {
        float[] values = new float[cache.Side * cache.Side * cache.Channels];
        cache.Read(key, values);
        return values;
    }

    private static void Refuses(string message, Action action)
        => Assert.Equal(message, Assert.Throws<DataFormatException>(action).Message);
}
