using System.Net;
using System.Text.Json.Nodes;
using PocketSam.Imaging;

namespace PocketSam.Labelling.Tests;

/// <summary>Words on all pictures, in a file.</summary>
public sealed class SqliteWordTests : WordTests;

/// <summary>The same in PostgreSQL.</summary>
public sealed class PostgresWordTests : WordTests
{
    private readonly PostgresSchema _schema = new();

    protected override void Configure(PocketSamLabellingOptions options) => options.Database = _schema.Connection;

    protected override void End() => _schema.Dispose();
}

/// <summary>Words on all pictures. There is a red field at the left of the first two, and a blue one at the right of the second.</summary>
public abstract class WordTests : IAsyncLifetime
{
    private const int Red = 0, Blue = 2;

    private static readonly PixelBox Left = new(5, 10, 20, 30), Right = new(60, 10, 20, 30);

    private readonly Pictures _pictures = new(count: 0);
    private readonly Colours _grounder = new();
    private LabelService _service = null!;

    public async ValueTask InitializeAsync()
    {
        ImageFile.Write(_pictures["1.png"], Drawn(1, (Left, Red)));
        ImageFile.Write(_pictures["2.png"], Drawn(2, (Left, Red), (Right, Blue)));
        ImageFile.Write(_pictures["3.png"], Drawn(3));
        _service = await LabelService.StartAsync(_pictures, Configure, _grounder);
        await _service.PostAsync("classes", """{"name":"Red"}""");
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
        _pictures.Dispose();
        End();
        GC.SuppressFinalize(this);
    }

    protected virtual void Configure(PocketSamLabellingOptions options)
    {
    }

    protected virtual void End()
    {
    }

    [Fact]
    public async Task WhatWordsMeanWaitsAsProposalsOfTheirOwnUntilTheNextSearch()
    {
        JsonObject job = await RunAsync("""{"text":"red, blue, green","scope":"all","pictureId":2}""");
        Assert.Equal(("done", 3, 3), ((string)job["state"]!, (int)job["done"]!, (int)job["total"]!));
        JsonNode result = job["result"]!;
        Assert.Equal(
            ["2 red", "2 blue", "1 red"], result["found"]!.AsArray().Select(found => $"{found!["pictureId"]} {found["phrase"]}"));
        Assert.Equal((3, 0), ((int)result["count"]!, (int)result["unreadable"]!));
        Assert.Equal(["green"], result["notFound"]!.AsArray().Select(phrase => (string)phrase!));

        // They are not among those of all pictures; the class is that of the word's name.
        Assert.Empty((await _service.GetAsync("pictures/2/proposals"))["proposals"]!.AsArray());
        Assert.Equal(0, (int)(await _service.GetAsync("pictures/2"))["proposals"]!);
        JsonArray open = await OpenAsync(2);
        Assert.Equal([3, null], open.Select(mask => (int?)mask!["classId"]));
        Assert.Equal([0.9, 0.8], open.Select(mask => Math.Round((double)mask!["score"]!, 6)));

        // What is accepted is an object, and open again when that is undone; another may be dismissed.
        await _service.ChangeAsync(2, 0, Accept(open[0]!, ""), Accept(open[1]!, "\"classId\":1,"));
        Assert.Equal([3, 1], (await _service.GetAsync("pictures/2"))["objects"]!.AsArray().Select(thing => (int)thing!["classId"]!));
        Assert.Empty(await OpenAsync(2));
        await _service.PostAsync("pictures/2/undo", """{"baseVersion":1}""");
        Assert.Equal(2, (await OpenAsync(2)).Count);
        using (HttpResponseMessage dismissed = await _service.SendAsync(HttpMethod.Post, $"pictures/2/proposals/{open[1]!["id"]}/dismiss", "{}"))
            Assert.Equal(HttpStatusCode.NoContent, dismissed.StatusCode);
        Assert.Single(await OpenAsync(2));

        job = await RunAsync("""{"text":"blue","scope":"picture","pictureId":1}""");
        Assert.Equal((1, 0), ((int)job["total"]!, (int)job["result"]!["count"]!));
        Assert.Empty(await OpenAsync(2));
    }

    [Fact]
    public async Task ObjectsThatAreThereAreNotFoundAgain()
    {
        await _service.ChangeAsync(1, 0, LabelService.Add(Mask(Left), 2));
        await _service.ChangeAsync(2, 0, LabelService.Add(Mask(new PixelBox(0, 0, 40, 50)), 3), LabelService.Add(Mask(new PixelBox(50, 0, 40, 50)), 3));
        JsonNode result = (await RunAsync("""{"text":"red, blue","scope":"all"}"""))["result"]!;

        // The same mask of whatever class; a part of an object only where that is of the class.
        Assert.Equal(["2 blue"], result["found"]!.AsArray().Select(found => $"{found!["pictureId"]} {found["phrase"]}"));
    }

    [Fact]
    public async Task WhatWasFoundUntilASearchIsStoppedIsKept()
    {
        _grounder.Halts = true;
        JsonObject job = await _service.PostAsync("words", """{"text":"red","scope":"all","pictureId":1}""");
        await _grounder.Halted.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        JsonObject busy = await _service.RefusedAsync(HttpStatusCode.Conflict, "words", """{"text":"blue","scope":"all"}""");
        Assert.Equal("job_running", (string)busy["code"]!);
        using (HttpResponseMessage stopped = await _service.SendAsync(HttpMethod.Delete, $"jobs/{job["id"]}", "{}"))
            Assert.True(stopped.IsSuccessStatusCode);
        job = await _service.EndOfAsync(job);
        Assert.Equal("cancelled", (string)job["state"]!);
        Assert.Equal((1, 1), ((int)job["result"]!["count"]!, (await OpenAsync(1)).Count));
    }

    [Fact]
    public async Task PicturesThatCannotBeReadArePassedAndOneAloneIsAnError()
    {
        await File.WriteAllTextAsync(_pictures["1.png"], "no picture", TestContext.Current.CancellationToken);
        JsonObject job = await RunAsync("""{"text":"red","scope":"all"}""");
        Assert.Equal((1, 1), ((int)job["result"]!["count"]!, (int)job["result"]!["unreadable"]!));
        job = await RunAsync("""{"text":"red","scope":"picture","pictureId":1}""");
        Assert.Equal("failed", (string)job["state"]!);
        Assert.Contains("1.png", (string)job["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatCannotBeLookedForIsRefused()
    {
        JsonObject unknown = await _service.RefusedAsync(HttpStatusCode.BadRequest, "words", """{"text":"unicorn","scope":"all"}""");
        Assert.Equal(("words_unknown", "'unicorn' is none of: red, blue, green"), ((string)unknown["code"]!, (string)unknown["detail"]!));
        foreach (string text in new[] { "", " ", "red,,blue", new string('x', 201), string.Join(',', Enumerable.Range(0, 1000)) })
        {
            JsonObject refused = await _service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "words", $$"""{"text":"{{text}}","scope":"all"}""");
            Assert.Equal("invalid_prompt", (string)refused["code"]!);
        }

        await _service.RefusedAsync(HttpStatusCode.BadRequest, "words", """{"text":null,"scope":"all"}""");
        await _service.RefusedAsync(HttpStatusCode.BadRequest, "words", """{"scope":"all"}""");
        await _service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "words", """{"text":"red","scope":"world"}""");
        await _service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "words", """{"text":"red","scope":"picture"}""");
        await _service.RefusedAsync(HttpStatusCode.NotFound, "words", """{"text":"red","scope":"picture","pictureId":99}""");
        Assert.Empty(await _service.JobsAsync());
    }

    [Fact]
    public async Task AModelWithoutWordsOffersNone()
    {
        using var pictures = new Pictures(count: 1);
        await using LabelService service = await LabelService.StartAsync(pictures);
        JsonObject refused = await service.RefusedAsync(HttpStatusCode.NotFound, "words", """{"text":"red","scope":"all"}""");
        Assert.Equal("not_offered", (string)refused["code"]!);
    }

    private static string Mask(PixelBox box) => LabelService.Mask(box.X, box.Y, box.Width, box.Height);

    private static string Accept(JsonNode mask, string more)
        => $$"""{"op":"add","object":{{{more}}"rle":{{mask["rle"]!.ToJsonString()}},"made":"words"},"proposal":{{mask["id"]}}}""";

    private static RgbImage Drawn(int seed, params (PixelBox Box, int Channel)[] fields)
    {
        var image = new RgbImage(Pictures.Width, Pictures.Height);
        new Random(seed).NextBytes(image.Pixels);
        foreach (ref byte value in image.Pixels.AsSpan())
            value /= 2;
        foreach ((PixelBox box, int channel) in fields)
        {
            for (int y = box.Y; y < box.Bottom; y++)
            {
                for (int x = box.X; x < box.Right; x++)
                    image.Pixels[3 * (y * image.Width + x) + channel] = 255;
            }
        }

        return image;
    }

    private async Task<JsonArray> OpenAsync(long picture)
        => (await _service.GetAsync($"pictures/{picture}/proposals?source=words"))["proposals"]!.AsArray();

    private async Task<JsonObject> RunAsync(string request) => await _service.EndOfAsync(await _service.PostAsync("words", request));

    /// <summary>Knows three colours: all pixels of one are one mask.</summary>
    private sealed class Colours : ITextGrounder
    {
        private static readonly string[] Known = ["red", "blue", "green"];

        private int _count;

        public string Name => "colours";

        public IReadOnlyList<KnownWord> Words => [.. Known.Select(name => new KnownWord(name))];

        /// <summary>Whether the second picture is looked at until the search is stopped.</summary>
        public bool Halts { get; set; }

        public TaskCompletionSource Halted { get; } = new();

        public void Validate(IReadOnlyList<string> phrases)
        {
            if (phrases.FirstOrDefault(phrase => !Known.Contains(phrase)) is { } unknown)
                throw new PromptException($"'{unknown}' is none of: {string.Join(", ", Known)}");
        }

        public IReadOnlyList<GroundedMask> Ground(
            RgbImage image, ImageEmbedding embedding, IReadOnlyList<string> phrases, IProgress<double>? progress = null,
            CancellationToken cancellation = default)
        {
            Assert.Equal((image.Width, image.Height), (embedding.Geometry.Width, embedding.Geometry.Height));
            if (++_count == 2 && Halts)
            {
                Halted.SetResult();
                cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
                cancellation.ThrowIfCancellationRequested();
            }

            var found = new List<GroundedMask>();
            foreach (string phrase in phrases)
            {
                int channel = phrase == "red" ? Red : phrase == "blue" ? Blue : 1;
                var mask = new BinaryMask(image.Width, image.Height);
                for (int i = 0; i < image.Width * image.Height; i++)
                {
                    if (image.Pixels[3 * i + channel] == 255)
                        mask.Fill(new PixelBox(i % image.Width, i / image.Width, 1, 1));
                }

                var runs = Rle.Encode(mask);
                if (runs.Area > 0)
                    found.Add(new GroundedMask(phrase, 0.9f - 0.1f * found.Count, new GeneratedMask
                    {
                        Segmentation = runs, Area = runs.Area, Box = runs.Bounds, PredictedIou = 1, StabilityScore = 1, PointCoords = [], CropBox = runs.Bounds,
                    }));
            }

            return found;
        }
    }
}
