using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Models;
using PocketSam.Training.Distillation;

namespace PocketSam.Cli.Tests;

public sealed class EmbedCacheTests : IDisposable
{
    private const int Pictures = 6;

    private readonly Workplace _place = new();

    public EmbedCacheTests()
    {
        Directory.CreateDirectory(_place["photos/more"]);
        for (int i = 0; i < Pictures; i++)
            ImageFile.Write(_place[$"photos/more/{i}.png"], Noise(i));
    }

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Folder_becomes_a_cache_and_what_is_done_is_not_done_again()
    {
        string first = Embed("all").Succeeded().Output;
        JsonElement second = Report("all");

        Assert.StartsWith(
            $"6 pictures, 6 without an embedding: {6 * 8 * 8 * 32 * 2 / 1e3:0.0} kB to be written to {_place["all"]}",
            first);
        Assert.Contains($"embedded 6 pictures to {_place["all"]} in ", first);
        Assert.Equal((0, Pictures, 0), Counts(second));
        Assert.Equal(_place["all"], second.GetProperty("cache").GetString());
        Assert.Single(Directory.GetFiles(_place["all"]));
        using ImageEmbedding expected = Sam.Load(_place.Model).Encode(Noise(3));
        using ImageEmbedding.Loan loan = expected.Borrow();
        Assert.Equal(loan.Tensor.Span.ToArray().Select(v => (float)(Half)v), Contents("all")["more/3.png"]);

        ImageFile.Write(_place["photos/more/3.png"], Noise(30));
        Assert.Equal((1, 5, 0), Counts(Report("all")));
        using EmbeddingCache cache = EmbeddingCache.Open(_place["all"]);
        Assert.Equal((Pictures, 2), (cache.Embeddings.Count, cache.Shards));
        cache.Verify("more/3.png", _place["photos/more/3.png"]);
    }

    [Fact]
    public void Shares_together_are_the_whole()
    {
        Embed("all").Succeeded();
        (int first, _, _) = Counts(Report("parts", "--shard", "1/2"));
        (int second, _, _) = Counts(Report("parts", "--shard", "2/2"));

        Assert.Equal(Pictures, first + second);
        Assert.InRange(first, 1, Pictures - 1);
        Dictionary<string, float[]> all = Contents("all"), parts = Contents("parts");
        Assert.Equal(all.Keys.Order(), parts.Keys.Order());
        foreach (string key in all.Keys)
            Assert.Equal(all[key], parts[key]);
        Assert.Equal((0, Pictures, 0), Counts(Report("parts")));
    }

    [Fact]
    public void Torn_shard_is_named_and_its_pictures_are_done_again()
    {
        (int first, _, _) = Counts(Report("parts", "--shard", "1/2"));
        string torn = Assert.Single(Directory.GetFiles(_place["parts"], "embeddings-*"));
        Embed("parts", "--shard", "2/2").Succeeded();
        File.WriteAllBytes(torn, File.ReadAllBytes(torn)[..^1]);

        Shell.Outcome outcome = Embed("parts", "--json", _place["r.json"]).Succeeded();

        JsonElement report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"])).RootElement;
        Assert.StartsWith($"torn: {torn}: ", outcome.Output);
        Assert.Equal((first, Pictures - first, 0), Counts(report));
        Assert.StartsWith(torn, Assert.Single(report.GetProperty("torn").EnumerateArray()).GetString());
        string info = Shell.Run("info", _place["parts"]).Succeeded().Output;
        Assert.Contains($"torn          {torn}: ", info);
        File.Delete(torn);
        Assert.Equal((0, Pictures, 0), Counts(Report("parts")));
    }

    [Fact]
    public void Cache_of_another_teacher_or_size_is_refused()
    {
        Embed("all").Succeeded();
        string shard = Assert.Single(Directory.GetFiles(_place["all"]));
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 2);
        Safetensors.Write(_place["other.safetensors"], model.State.ToStored(DataType.Float32), model.Metadata());

        Embed("all", "--image-size", "64").Failed($"{shard}: holds embeddings of another input size, 128, not 64");
        Shell.Outcome other = Shell.Run(
            "embed", _place["photos"], "--recursive", "--cache", _place["all"], "--model", _place["other.safetensors"]);

        Assert.StartsWith(
            $"pocketsam: {shard}: holds embeddings of another teacher, {_place.Model} (fingerprint ", other.Error);
        Assert.Equal(1, other.ExitCode);
        Assert.Equal((0, Pictures, 0), Counts(Report("all")));
    }

    [Fact]
    public void Vanished_picture_is_named_and_the_others_are_done()
    {
        var mask = new BinaryMask(90, 60);
        mask.Fill(new PixelBox(0, 0, 9, 9));
        CocoWriter.Write(
            _place["photos/data.json"],
            [
                new AnnotatedPicture("gone.png", 90, 60, [new Annotation(mask)]),
                new AnnotatedPicture("more/1.png", 90, 60, [new Annotation(mask)]),
            ]);

        Shell.Outcome outcome = Shell.Run(
            "embed", _place["photos/data.json"], "--cache", _place["all"], "--model", _place.Model);

        string reason = $"{_place["photos/gone.png"]}: no such file";
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal($"pocketsam: 1 of 2 pictures failed: {reason}{Environment.NewLine}", outcome.Error);
        Assert.Contains($"failed: {reason}{Environment.NewLine}", outcome.Output);
        Assert.Equal(["more/1.png"], Contents("all").Keys);
    }

    [Fact]
    public void What_is_finished_stays_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        Sam sam = Sam.Load(_place.Model);
        var writer = new EmbeddingCacheWriter(_place["all"], sam, 128);
        var jobs = Cli.Pictures.PictureJobs.Find(_place["photos"], _place["all"], name => name, recursive: true, images: null).Jobs;
        var embedder = new Cli.Embedding.CacheEmbedder(sam, 128, writer, new Imaging.ImageReadOptions());

        Assert.Throws<OperationCanceledException>(
            () => embedder.Run(jobs, new CancelAfter(2.5 / Pictures, cancellation), cancellation.Token));

        Assert.Equal(["more/0.png", "more/1.png", "more/2.png"], Contents("all").Keys.Order());
        Shell.Outcome outcome = Shell.Run(
            new CancellationToken(canceled: true), "embed", _place["photos"], "--recursive", "--cache", _place["all"],
            "--model", _place.Model);
        Assert.Equal((1, $"cancelled{Environment.NewLine}"), (outcome.ExitCode, outcome.Error));
        Assert.Equal((3, 3, 0), Counts(Report("all")));
    }

    [Fact]
    public void Cache_is_described()
    {
        Embed("all").Succeeded();

        string text = Shell.Run("info", _place["all"]).Succeeded().Output.ReplaceLineEndings("\n");
        JsonElement report = JsonDocument.Parse(
            Shell.Run("info", _place["all"], "--json", "-").Succeeded().Output).RootElement;

        Assert.Contains($"teacher       {_place.Model}, fingerprint {Sam.Load(_place.Model).Fingerprint}\n", text);
        Assert.Contains("input size    128\nembeddings    6, Float16 [8, 8, 32]\nshards        1, 0.0 MB\n", text);
        Assert.Equal(Pictures, report.GetProperty("pictures").GetInt32());
        Shell.Run("info", _place["photos"]).Failed($"{_place["photos"]}: holds no embeddings");
    }

    [Fact]
    public void What_cannot_be_meant_is_refused()
    {
        const string Hint = "; see 'pocketsam embed --help'";
        Embed("all", "--output", _place["out"]).Failed("give either --output or --cache" + Hint, 2);
        Shell.Run("embed", _place.Photo).Failed("give either --output or --cache" + Hint, 2);
        Shell.Run("embed", _place.Photo, "--output", _place["e.safetensors"], "--shard", "1/2").Failed(
            "--shard is for several pictures" + Hint, 2);
        Embed("all", "--dtype", "float32").Failed("a cache holds float16 only" + Hint, 2);
        foreach (string share in (string[])["0/2", "3/2", "2", "a/b", "1/0", "-1/2"])
            Embed("all", "--shard", share).Failed($"--shard {share}: expected I/N with I from 1 to N, as in 1/4" + Hint, 2);
        Embed("photo.png").Failed($"{_place.Photo}: cannot be written (a file, where a folder is needed)");
        Assert.False(Directory.Exists(_place["all"]));
    }

    private static RgbImage Noise(int seed)
    {
        var picture = new RgbImage(30, 20 + seed);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    private static (int Written, int Present, int Failed) Counts(JsonElement report) => (
        report.GetProperty("written").GetInt32(), report.GetProperty("present").GetInt32(),
        report.GetProperty("failed").GetInt32());

    private Shell.Outcome Embed(string cache, params string[] args) => Shell.Run(
        ["embed", _place["photos"], "--recursive", "--model", _place.Model, "--cache", _place[cache], .. args]);

    private JsonElement Report(string cache, params string[] args)
        => JsonDocument.Parse(Embed(cache, [.. args, "--json", "-"]).Succeeded().Output).RootElement;

    private Dictionary<string, float[]> Contents(string folder)
    {
        using EmbeddingCache cache = EmbeddingCache.Open(_place[folder]);
        var contents = new Dictionary<string, float[]>();
        foreach (string key in cache.Embeddings.Keys)
        {
            contents[key] = new float[cache.Side * cache.Side * cache.Channels];
            cache.Read(key, contents[key]);
        }

        return contents;
    }

    /// <summary>Cancels when so much is done.</summary>
    private sealed class CancelAfter(double fraction, CancellationTokenSource cancellation) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value >= fraction)
                cancellation.Cancel();
        }
    }
}
