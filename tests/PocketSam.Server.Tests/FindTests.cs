using System.Text;
using System.Text.Json.Nodes;
using PocketSam.Models;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>What words mean comes as events; so does that they mean nothing here.</summary>
public sealed class FindTests
{
    private const string Cat = """{"text":"cat"}""";

    /// <summary>Every mask shows a cat by its words, and none a glass.</summary>
    private static readonly Lazy<Sam> Taught = new(() =>
    {
        KnownWord[] words = [new("cat") { Synonyms = ["kitty"], Masks = 20, Pictures = 4, Pointing = 0.75, Found = 1, MeanIou = 0.5 }, new("glass")];
        const int Features = 32;
        int outcomes = words.Length + 1;
        var vocabulary = new WordVocabulary(words, 0.5f, new WordWeights(
            outcomes, Features, new float[outcomes * Features], new float[outcomes * Features], new float[outcomes * Features],
            new float[outcomes * WordVocabulary.ShapeFeatures], [4, -4, 0]));
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);
        return Sam.FromCheckpoint(
            new Checkpoint(
                "taught", new Dictionary<string, StoredTensor>([.. model.State.ToStored(DataType.Float32), .. vocabulary.ToStored()]),
                new Dictionary<string, string>(model.Metadata()) { [WordVocabulary.MetadataKey] = vocabulary.ToJson() }),
            "taught");
    });

    /// <summary>A model of random weights has no opinion of its masks: all of them are kept.</summary>
    private static WordGrounder Grounder => new(
        Taught.Value, new MaskGeneratorOptions { PointsPerSide = 3, PredIouThresh = 0, StabilityScoreThresh = 0 });

    [Fact]
    public async Task MasksAreThoseOfTheLibrary()
    {
        await using Service service = await StartAsync();
        ImageDocument image = await service.UploadReadyAsync(Imaging.ImageFile.EncodePng(Service.Picture));
        await using ServerEvents events = await FindAsync(service, image.Id, """{"text":"kitty, glass"}""");
        List<(string Name, string Data)> all = await events.RestAsync();

        using ImageEmbedding embedding = Taught.Value.Encode(Service.Picture);
        IReadOnlyList<GroundedMask> expected = Grounder.Ground(Service.Picture, embedding, ["kitty"]);
        FoundMaskDocument[] masks = Masks(all);
        Assert.NotEmpty(masks);
        Assert.Equal(expected.Select(found => found.Mask.Segmentation.ToCompressed()), masks.Select(found => found.Mask.Rle!.ToCompressed()));
        Assert.All(masks, found => Assert.Equal(("kitty", expected[0].Score), (found.Phrase, found.Score)));
        Assert.All(masks, found => Assert.NotNull(found.Mask.Png));
        Assert.Contains(all, e => e.Name == "progress" && (double?)JsonNode.Parse(e.Data)!["fraction"] == 1);
        FindEnd end = End(all);
        Assert.Equal(masks.Length, end.Count);
        Assert.Equal(["glass"], end.NotFound);
        Assert.Equal(1, await service.MetricAsync("pocketsam_find_seconds_count"));
    }

    [Fact]
    public async Task NothingFoundIsAnAnswer()
    {
        await using Service service = await StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        using HttpResponseMessage response = await service.PostAsync($"{Service.Images}/{image.Id}/find", """{"text":"glass"}""");
        Assert.Equal(200, (int)response.StatusCode);
        string text = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("event: mask", text);
        Assert.Contains("event: done\ndata: {\"count\":0,\"not_found\":[\"glass\"],", text);
    }

    [Fact]
    public async Task SmallRegionsOfMasksAreRemoved()
    {
        await using Service service = await StartAsync();
        ImageDocument image = await service.UploadReadyAsync(Imaging.ImageFile.EncodePng(Service.Picture));
        await using ServerEvents events = await FindAsync(service, image.Id, """{"text":"cat","min_region":0.5}""");
        using ImageEmbedding embedding = Taught.Value.Encode(Service.Picture);
        Assert.Equal(
            Grounder.Ground(Service.Picture, embedding, ["cat"]).Select(found => found.RemoveSmallRegions(0.5).Mask.Area),
            Masks(await events.RestAsync()).Select(found => found.Mask.Area));
    }

    [Theory]
    [InlineData("unicorn")]
    [InlineData("cat, unicorn")]
    public async Task UnknownWordsAreRefusedWithThoseThatAreKnown(string text)
    {
        await using Service service = await StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        string detail = await service.PostAsync($"{Service.Images}/{image.Id}/find", $$"""{"text":"{{text}}"}""")
            .IsRefusedAsync(400, "words_unknown");
        Assert.Equal("'unicorn' is none of the 2 words of this model: cat, glass", detail);
    }

    [Theory]
    [InlineData("""{}""", 400, "invalid_json")]
    [InlineData("""{"text":null}""", 400, "invalid_json")]
    [InlineData("""{"text":"cat","points_per_side":4}""", 400, "invalid_json")]
    [InlineData("""{"text":""}""", 422, "invalid_prompt")]
    [InlineData("""{"text":"cat,, glass"}""", 422, "invalid_prompt")]
    [InlineData("""{"text":"cat, glass, kitty"}""", 422, "invalid_prompt")]
    [InlineData("""{"text":"cat","min_region":2}""", 422, "invalid_options")]
    public async Task WhatIsAskedWronglyIsRefused(string json, int status, string code)
    {
        await using Service service = await StartAsync(configure: options => options.MaxObjects = 2);
        ImageDocument image = await service.UploadReadyAsync();
        await service.PostAsync($"{Service.Images}/{image.Id}/find", json).IsRefusedAsync(status, code);
    }

    [Fact]
    public async Task LongPhrasesLongBodiesAndNoJsonAreRefused()
    {
        await using Service service = await StartAsync(new Patient());
        ImageDocument image = await service.UploadReadyAsync();
        string path = $"{Service.Images}/{image.Id}/find";
        await service.PostAsync(path, $$"""{"text":"{{new string('x', 201)}}"}""").IsRefusedAsync(422, "invalid_prompt");
        await service.PostAsync(path, $$"""{"text":"{{new string('x', 70_000)}}"}""").IsRefusedAsync(413, "body_too_large");
        await service.Client.PostAsync(path, new StringContent(Cat)).IsRefusedAsync(415, "not_json");
        await service.PostAsync($"{Service.Images}/none/find", Cat).IsRefusedAsync(404, "image_unknown");
    }

    [Fact]
    public async Task WithoutWordsNothingIsOffered()
    {
        await using Service service = await Service.StartAsync();
        Assert.Null((await InfoAsync(service)).Text);
        ImageDocument image = await service.UploadReadyAsync();
        await service.PostAsync($"{Service.Images}/{image.Id}/find", Cat).IsRefusedAsync(404, "not_offered");
    }

    [Fact]
    public async Task InfoListsTheWordsWithTheirFigures()
    {
        await using Service service = await Service.StartAsync(model: Taught.Value);
        IReadOnlyList<InfoDocument.Word> words = (await InfoAsync(service)).Text!.Words!;
        Assert.Equal(["cat", "glass"], words.Select(word => word.Name));
        InfoDocument.Word cat = words[0];
        Assert.Equal(["kitty"], cat.Synonyms);
        Assert.Equal((20, 4, 0.75, 1.0, 0.5), (cat.Masks, cat.Pictures, cat.Pointing, cat.Found, cat.MeanIou));

        // Its own words without a grounder of the host's: a model of random weights is sure of no mask.
        ImageDocument image = await service.UploadReadyAsync();
        await using ServerEvents events = await FindAsync(service, image.Id, Cat);
        Assert.Equal(["cat"], End(await events.RestAsync()).NotFound);
    }

    [Fact]
    public async Task AGrounderOfTheHostTakesAnyWords()
    {
        var grounder = new Patient { IsDone = true };
        await using Service service = await StartAsync(grounder);
        Assert.Equal("{}", JsonNode.Parse(await service.Client.GetStringAsync("api/v1/info"))!["text"]!.ToJsonString());
        ImageDocument image = await service.UploadReadyAsync();
        await using ServerEvents events = await FindAsync(service, image.Id, """{"text":" a red  mug , DOG,DOG"}""");
        Assert.Equal(["a red  mug", "DOG"], End(await events.RestAsync()).NotFound);

        // Words are kept beside embeddings only where they are asked for.
        await using Service own = await StartAsync();
        await own.UploadReadyAsync();
        const int Places = 64, NumbersOfWord = 2, Outcomes = 3;
        Assert.Equal(
            Places * NumbersOfWord * Outcomes * sizeof(float),
            await own.MetricAsync("pocketsam_cache_bytes") - await service.MetricAsync("pocketsam_cache_bytes"));
    }

    [Fact]
    public async Task ClosingTheConnectionCancelsIt()
    {
        var grounder = new Patient();
        await using Service service = await StartAsync(grounder);
        ImageDocument image = await service.UploadReadyAsync();
        ServerEvents events = await FindAsync(service, image.Id, Cat);
        Assert.Equal("progress", (await events.NextAsync())?.Name);
        await events.DisposeAsync();
        await Service.Until(() => Task.FromResult(grounder.Cancelled == 1));

        // A client has one search at a time, of whatever kind.
        await using ServerEvents next = await ServerEvents.OpenAsync(
            service.Client, new HttpRequestMessage(HttpMethod.Post, $"{Service.Images}/{image.Id}/everything"));
        Assert.Equal("done", (await next.RestAsync())[^1].Name);
    }

    [Fact]
    public async Task OneTooManyIsRefused()
    {
        await using Service service = await StartAsync(new Patient());
        ImageDocument image = await service.UploadReadyAsync();
        List<ServerEvents> running = [];
        for (int i = 0; i < 4; i++)
            running.Add(await FindAsync(service, image.Id, Cat));
        await service.PostAsync($"{Service.Images}/{image.Id}/find", Cat).IsRefusedAsync(429, "busy");
        foreach (ServerEvents events in running)
            await events.DisposeAsync();
    }

    [Fact]
    public async Task DeletingThePictureEndsItWithAnError()
    {
        await using Service service = await StartAsync(new Patient());
        ImageDocument image = await service.UploadReadyAsync();
        await using ServerEvents events = await FindAsync(service, image.Id, Cat);
        await events.NextAsync();
        await service.Client.DeleteAsync($"{Service.Images}/{image.Id}");
        (string name, string data) = (await events.RestAsync())[^1];
        Assert.Equal(("error", "image_unknown"), (name, (string?)JsonNode.Parse(data)!["code"]));
    }

    [Fact]
    public async Task AGrounderThatFailsIsAnErrorOfTheService()
    {
        await using Service service = await StartAsync(new Patient { Failure = new InvalidOperationException("secret") });
        ImageDocument image = await service.UploadReadyAsync();
        await using ServerEvents events = await FindAsync(service, image.Id, Cat);
        (string name, string data) = (await events.RestAsync())[^1];
        Assert.Equal("error", name);
        Assert.Equal("internal_error", (string?)JsonNode.Parse(data)!["code"]);
        Assert.DoesNotContain("secret", data);
    }

    [Fact]
    public async Task WordsAreFoundInPicturesOfOtherReplicas()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pocketsam-");
        try
        {
            void Shared(PocketSamOptions options) => options.Store = $"folder:{folder.FullName}";
            await using Service first = await StartAsync(configure: Shared), second = await StartAsync(configure: Shared);
            ImageDocument image = await first.UploadReadyAsync();
            await using ServerEvents mine = await FindAsync(first, image.Id, Cat);
            await Service.Until(async () => (await second.GetAsync(image.Id)).State == "ready");
            await using ServerEvents others = await FindAsync(second, image.Id, Cat);
            string[] expected = [.. Masks(await mine.RestAsync()).Select(found => found.Mask.Rle!.ToCompressed())];
            Assert.NotEmpty(expected);
            Assert.Equal(expected, Masks(await others.RestAsync()).Select(found => found.Mask.Rle!.ToCompressed()));
            Assert.Equal(0, await second.MetricAsync("pocketsam_encode_seconds_count"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<Service> StartAsync(ITextGrounder? grounder = null, Action<PocketSamOptions>? configure = null)
        => Service.StartAsync(configure, model: Taught.Value, grounder: grounder ?? Grounder);

    private static async Task<InfoDocument> InfoAsync(Service service)
        => Service.Read(await service.Client.GetStringAsync("api/v1/info"), ApiJson.Default.InfoDocument);

    private static FoundMaskDocument[] Masks(IEnumerable<(string Name, string Data)> events)
        => [.. events.Where(e => e.Name == "mask").Select(e => Service.Read(e.Data, ApiJson.Default.FoundMaskDocument))];

    private static FindEnd End(List<(string Name, string Data)> events)
    {
        Assert.Equal("done", events[^1].Name);
        return Service.Read(events[^1].Data, ApiJson.Default.FindEnd);
    }

    private static Task<ServerEvents> FindAsync(Service service, string id, string json) => ServerEvents.OpenAsync(
        service.Client, new HttpRequestMessage(HttpMethod.Post, $"{Service.Images}/{id}/find")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        });

    /// <summary>Takes any words and finds nothing, when it is done or cancelled.</summary>
    private sealed class Patient : ITextGrounder
    {
        private int _cancelled;

        public string Name => "patient";

        public bool IsDone { get; init; }

        public Exception? Failure { get; init; }

        /// <summary>Searches that were cancelled.</summary>
        public int Cancelled => Volatile.Read(ref _cancelled);

        public IReadOnlyList<GroundedMask> Ground(
            RgbImage image, ImageEmbedding embedding, IReadOnlyList<string> phrases, IProgress<double>? progress = null,
            CancellationToken cancellation = default)
        {
            progress?.Report(0.5);
            if (Failure is not null)
                throw Failure;
            if (IsDone)
                return [];
            cancellation.WaitHandle.WaitOne();
            Interlocked.Increment(ref _cancelled);
            throw new OperationCanceledException(cancellation);
        }
    }
}
