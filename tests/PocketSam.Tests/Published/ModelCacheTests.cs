using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PocketSam.Models;

namespace PocketSam.Tests.Published;

/// <summary>Weights by name, from a publisher on loopback.</summary>
public sealed class ModelCacheTests : IDisposable
{
    private const string Expected = "nano.json nano.lock nano.safetensors";
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _file;
    private readonly Publisher _publisher;
    private readonly ModelCache _cache;

    public ModelCacheTests()
    {
        string path = _folder["source.safetensors"];
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);
        Safetensors.Write(path, model.State.ToStored(DataType.Float32), model.Metadata());
        _file = File.ReadAllBytes(path);
        _publisher = new Publisher(_file);
        _cache = new ModelCache(_folder["cache"]);
    }

    private string Files => string.Join(' ', Directory.GetFiles(_cache.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    private string Part => _cache.OriginalOf(Model()) + ".part";

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_model_is_fetched_checked_and_halved()
    {
        var steps = new List<PullProgress>();
        Assert.Null(_cache.PathOf(Model()));

        string path = await _cache.PullAsync(Model(), progress: new Steps(steps));

        Assert.Equal(_cache.PathOf(Model()), path);
        Assert.Equal(Expected, Files);
        Assert.Equal(new PullProgress(_file.Length, _file.Length), steps[^1]);
        using Checkpoint pulled = CheckpointFile.Read(path), source = Safetensors.Parse(_file, "source");
        Assert.Equal("nano", ModelZoo.FromCheckpoint(pulled).Name);
        Assert.Equal(source.Tensors.Keys.Order(), pulled.Tensors.Keys.Order());
        foreach ((string key, StoredTensor tensor) in pulled.Tensors)
        {
            bool stays = key.EndsWith("running_mean", StringComparison.Ordinal) || key.EndsWith("running_var", StringComparison.Ordinal);
            StoredTensor original = source.Tensors[key];
            Assert.Equal(stays ? original.Type : DataType.Float16, tensor.Type);
            Assert.Equal((stays ? original : original.ConvertTo(DataType.Float16)).ToFloats(), tensor.ToFloats());
        }
    }

    [Fact]
    public async Task What_is_here_is_not_fetched_again_unless_it_is_asked_for()
    {
        await _cache.PullAsync(Model());
        await _cache.PullAsync(Model());
        Assert.Single(_publisher.Requests);

        await _cache.PullAsync(Model(), again: true);
        Assert.Equal(2, _publisher.Requests.Count);
        Assert.Equal(Expected, Files);
    }

    [Theory]
    [InlineData("\"first\"", true, "/files/nano.pt bytes=100000-")]
    [InlineData("\"first\"", false, "/files/nano.pt bytes=100000-")]
    [InlineData(null, true, "/files/nano.pt bytes=100000-")]
    [InlineData(null, false, "/files/nano.pt")] // neither a tag nor a digest: from the beginning
    public async Task An_interrupted_download_is_gone_on_with(string? tag, bool digest, string request)
    {
        (_publisher.Tag, _publisher.CutAfter) = (tag, 100_000);
        PublishedModel model = digest ? Model() : Model() with { Sha256 = null, GitBlob = null };

        IOException stopped = await Assert.ThrowsAsync<IOException>(() => _cache.PullAsync(model));
        Assert.StartsWith($"{_publisher.Address}: stopped after 0.1 MB of {Megabytes(_file.Length)} (", stopped.Message);
        Assert.EndsWith("; pull it again to go on", stopped.Message);
        Assert.Equal(_file[..100_000], File.ReadAllBytes(Part));

        await _cache.PullAsync(model);
        Assert.Equal(request, _publisher.Requests.Last());
        Assert.Equal(Expected, Files);
    }

    [Fact]
    public async Task A_part_of_another_file_is_not_gone_on_with()
    {
        (_publisher.CutAfter, byte[] other) = (5000, [.. _file]);
        Array.Reverse(other);
        _publisher.Content = other;
        await Assert.ThrowsAsync<IOException>(() => _cache.PullAsync(Model()));

        (_publisher.Content, _publisher.Tag) = (_file, "\"second\"");
        await _cache.PullAsync(Model());
        Assert.Equal(Expected, Files);
    }

    [Fact]
    public async Task A_part_that_is_whole_already_is_used()
    {
        Directory.CreateDirectory(_cache.Folder);
        File.WriteAllBytes(Part, _file);
        await _cache.PullAsync(Model());
        Assert.Equal(Expected, Files);
    }

    [Fact]
    public async Task A_cancelled_download_stays_for_the_next_time()
    {
        using var cancellation = new CancellationTokenSource();
        _publisher.CutAfter = 100_000;
        var cancelling = new Steps([], cancellation.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.PullAsync(Model(), progress: cancelling, cancellation: cancellation.Token));

        Assert.True(new FileInfo(Part).Length > 0);
        await _cache.PullAsync(Model());
        Assert.Contains("bytes=", _publisher.Requests.Last());
    }

    [Fact]
    public async Task A_publisher_that_sends_parts_only_is_asked_twice_at_most()
    {
        _publisher.AnswersPartsOnly = true;
        IOException e = await Assert.ThrowsAsync<IOException>(() => _cache.PullAsync(Model()));
        Assert.StartsWith($"{_publisher.Address}: cannot be reached (a part was sent where the whole was asked for)", e.Message);
        Assert.Equal(2, _publisher.Requests.Count);
    }

    [Fact]
    public async Task Another_content_is_refused_and_not_kept()
    {
        _publisher.Content = [.. _file];
        _publisher.Content[^1] ^= 1;
        CheckpointFormatException refused = await Assert.ThrowsAsync<CheckpointFormatException>(() => _cache.PullAsync(Model()));
        Assert.Contains($"{_publisher.Address}", refused.Message);
        Assert.Contains("not what was published: SHA-256 is ", refused.Message);
        Assert.Equal("nano.lock", Files);

        refused = await Assert.ThrowsAsync<CheckpointFormatException>(() => _cache.PullAsync(Model() with { Sha256 = null }));
        Assert.Contains("not what was published: git's id is ", refused.Message);
    }

    [Fact]
    public async Task Without_a_digest_it_must_be_the_architecture()
    {
        PublishedModel unknown = Model() with { Sha256 = null, GitBlob = null };
        _publisher.Content = "<html>not here</html>"u8.ToArray();
        Assert.Contains(
            "a web page", (await Assert.ThrowsAsync<CheckpointFormatException>(() => _cache.PullAsync(unknown))).Message);

        _publisher.Content = _file;
        Assert.Contains(
            "a model nano, not vit_t",
            (await Assert.ThrowsAsync<CheckpointFormatException>(() => _cache.PullAsync(unknown with { Architecture = "vit_t" }))).Message);
        Assert.Contains(
            "no DINOv2 backbone",
            (await Assert.ThrowsAsync<CheckpointFormatException>(() => _cache.PullAsync(unknown with { Architecture = null }))).Message);
        Assert.Equal("nano.lock", Files);
    }

    [Fact]
    public async Task Redirections_are_followed()
    {
        await _cache.PullAsync(Model() with { Address = _publisher.Redirect });
        Assert.Equal(["/moved/nano.pt", "/files/nano.pt"], _publisher.Requests);
        Assert.Equal(Expected, Files);
    }

    [Fact]
    public async Task A_publisher_that_refuses_is_one_line()
    {
        _publisher.Status = 404;
        IOException refused = await Assert.ThrowsAsync<IOException>(() => _cache.PullAsync(Model()));
        Assert.Equal($"{_publisher.Address}: the publisher answers 404 (NotFound)", refused.Message);
    }

    [Fact]
    public async Task Without_a_network_the_address_and_the_place_are_said()
    {
        PublishedModel model = Model();
        _publisher.Dispose();
        IOException failed = await Assert.ThrowsAsync<IOException>(() => _cache.PullAsync(model));
        Assert.StartsWith($"{model.Address}: cannot be reached (", failed.Message);
        Assert.EndsWith($"fetch it where there is a network, and put it at {_cache.OriginalOf(model)}", failed.Message);

        // Whoever does so can use it, as it is and pulled.
        File.WriteAllBytes(_cache.OriginalOf(model), _file);
        Assert.Equal(_cache.OriginalOf(model), _cache.PathOf(model));
        Assert.Equal(await _cache.PullAsync(model), _cache.PathOf(model));
        Assert.Equal(Expected.Replace("nano.lock", "nano.lock nano.pt"), Files);
    }

    [Fact]
    public async Task No_room_is_said_before_anything_is_written()
    {
        var full = new ModelCache(_cache.Folder) { FreeBytes = _ => 1000 };
        IOException failed = await Assert.ThrowsAsync<IOException>(() => full.PullAsync(Model()));
        Assert.Equal($"{_cache.Folder}: {Megabytes(_file.Length + 500_000)} are needed and 0.0 MB are free", failed.Message);
        Assert.False(File.Exists(Part));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_one_line()
    {
        File.WriteAllText(_folder["cache"], "a file");
        IOException failed = await Assert.ThrowsAnyAsync<IOException>(() => _cache.PullAsync(Model()));
        Assert.Contains(_cache.Folder, failed.Message);
    }

    [Fact]
    public async Task Of_two_pulls_at_once_one_fetches()
    {
        string[] paths = await Task.WhenAll(Task.Run(() => _cache.PullAsync(Model())), Task.Run(() => _cache.PullAsync(Model())));
        Assert.Equal(paths[0], paths[1]);
        Assert.Single(_publisher.Requests);
        Assert.Equal(Expected, Files);
    }

    [Fact]
    public async Task A_file_that_was_changed_is_refused_until_it_is_pulled_again()
    {
        string path = await _cache.PullAsync(Model());
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-1)); // copied elsewhere and back: still the same
        Assert.Equal(path, _cache.PathOf(Model()));

        byte[] changed = File.ReadAllBytes(path);
        changed[^1] ^= 1;
        File.WriteAllBytes(path, changed);
        IOException refused = Assert.Throws<IOException>(() => _cache.PathOf(Model()));
        Assert.Equal($"{path}: was changed after it was pulled; 'pocketsam pull nano --again' fetches it anew", refused.Message);

        Assert.Equal(path, await _cache.PullAsync(Model()));
        Assert.Equal(path, _cache.PathOf(Model()));
    }

    [Fact]
    public void The_table_is_complete()
    {
        Assert.Equal(PublishedModels.All.Count, PublishedModels.All.Select(model => model.Name).Distinct().Count());
        Assert.All(PublishedModels.All, model =>
        {
            Assert.Same(model, PublishedModels.Find(model.Name));
            Assert.Null(ModelZoo.Find(model.Name));
            Assert.Equal("https", model.Address.Scheme);
            Assert.EndsWith(Path.GetExtension(model.FileName), model.FileName);
            Assert.True(model.Architecture is null || ModelZoo.Find(model.Architecture)!.ImageSize == model.ImageSize);
            Assert.True(model.Sha256 is null or { Length: 64 } && model.GitBlob is null or { Length: 40 });
        });
    }

    [Fact]
    public async Task A_clip_comes_with_its_configuration_and_carries_it()
    {
        string weights = GoldenFiles.Require("clip/tiny/hf/model.safetensors"), configuration = GoldenFiles.Require("clip/tiny/hf/config.json");
        using var files = new Publisher(File.ReadAllBytes(weights));
        using var settings = new Publisher(File.ReadAllBytes(configuration));
        var model = new PublishedModel
        {
            Name = "small_clip", Title = "a CLIP", ImageSize = 32, Megabytes = 1, Licence = "MIT", Source = files.Address,
            Address = files.Address, ClipConfiguration = settings.Address, FileName = "small.safetensors",
        };
        string path = await _cache.PullAsync(model);
        Assert.Equal(_cache.PathOf(model), path);
        Clip clip = Clip.Load(path);
        Assert.Equal((ClipActivation.QuickGelu, 1), (clip.Config.Activation, clip.Config.Vision.Heads));
        Assert.Equal(await _cache.PullAsync(model), path);
        Assert.Single(settings.Requests);

        settings.Status = 404;
        File.Delete(Path.Combine(_cache.Folder, "small.json"));
        IOException failed = await Assert.ThrowsAsync<IOException>(() => _cache.PullAsync(model, again: true));
        Assert.Contains("small.json", failed.Message, StringComparison.Ordinal);
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    private PublishedModel Model() => new()
    {
        Name = "nano", Title = "Nano", Architecture = "nano", ImageSize = 128, Megabytes = 1, Licence = "Apache-2.0",
        Source = new Uri(_publisher.Address, "/"), Address = _publisher.Address,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(_file)),
        GitBlob = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {_file.Length}\0"), .. _file])),
    };

    private sealed class Steps(List<PullProgress> steps, Action? then = null) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            steps.Add(value);
            then?.Invoke();
        }
    }
}
