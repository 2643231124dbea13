using System.Text.Json.Nodes;
using PocketSam.Imaging;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Tests;

/// <summary>Classes that are guessed from what is labelled, in a file.</summary>
public sealed class SqliteGuessTests : GuessTests
{
    internal override ProjectDatabase Open(string file) => new SqliteDatabase(file);
}

/// <summary>The same in PostgreSQL.</summary>
public sealed class PostgresGuessTests : GuessTests
{
    private readonly PostgresSchema _schema = new();

    internal override ProjectDatabase Open(string file) => new PostgresDatabase(_schema.Connection);

    protected override void Configure(PocketSamLabellingOptions options) => options.Database = _schema.Connection;

    protected override void End() => _schema.Dispose();
}

/// <summary>Classes that are guessed from what is labelled: red is the class 1 and blue the class 2.</summary>
public abstract class GuessTests : IAsyncLifetime
{
    private const int Count = 10;
    private const long Last = Count;

    private readonly Pictures _pictures = new(count: 0);
    private LabelService _service = null!;

    public async ValueTask InitializeAsync()
    {
        for (int i = 1; i <= Count; i++)
            ImageFile.Write(_pictures[$"{i}.png"], Drawn(i));
        _service = await LabelService.StartAsync(_pictures, Configure);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
        _pictures.Dispose();
        End();
        GC.SuppressFinalize(this);
    }

    internal abstract ProjectDatabase Open(string file);

    protected virtual void Configure(PocketSamLabellingOptions options)
    {
    }

    protected virtual void End()
    {
    }

    [Fact]
    public async Task OpenProposalsGetTheClassThatTheyLookLike()
    {
        JsonNode refused = (await RunAsync())["result"]!;
        Assert.Equal("guessing needs 2 classes with 3 objects on 2 pictures each; no class has as many", (string?)refused["whyNot"]);
        await LabelAsync();
        await ProposeAsync(Last, "everything", null, Red((int)Last), Blue((int)Last));
        await ProposeAsync(Last, "similar", 2, Red((int)Last));

        JsonNode result = (await RunAsync())["result"]!;
        Assert.Null(result["whyNot"]);
        Assert.Equal([1, 2], result["classes"]!.AsArray().Select(id => (int)id!));
        Assert.Equal((18, 2, 0, 0), ((int)result["objects"]!, (int)result["guessed"]!, (int)result["unsure"]!, (int)result["unreadable"]!));
        Assert.InRange((double)result["heldOutAccuracy"]!, 0.9, 1);
        Assert.InRange((double)result["threshold"]!, 0.3, 1);
        JsonArray open = await OpenAsync();
        Assert.Equal([1, 2], open.Select(mask => (int)mask!["classId"]!));
        Assert.All(open, mask => Assert.InRange((double)mask!["guess"]!, (double)result["threshold"]!, 1));
        Assert.Equal("2 -", await SimilarAsync());

        // The guess is the class, unless somebody says another; what is undone is open again, with its guess.
        await _service.ChangeAsync(Last, 0, Accept(open[0]!, ""), Accept(open[1]!, """ "classId":1, """));
        JsonArray objects = (await _service.GetAsync($"pictures/{Last}"))["objects"]!.AsArray();
        Assert.Equal([1, 1], objects.Select(thing => (int)thing!["classId"]!));
        await _service.PostAsync($"pictures/{Last}/undo", """{"baseVersion":1}""");
        Assert.Equal(open.ToJsonString(), (await OpenAsync()).ToJsonString());
    }

    [Fact]
    public async Task WhatNobodyWantedIsOfNoClass()
    {
        await LabelAsync();
        for (int i = 1; i < Last; i++)
        {
            await ProposeAsync(i, "everything", null, LabelService.Mask(40, 2, 30, 12));
            await _service.ChangeAsync(i, 1, """{"op":"state","state":"done"}""");
        }

        await ProposeAsync(Last, "everything", null, Red((int)Last), Blue((int)Last), LabelService.Mask(40, 2, 30, 12));
        JsonNode result = (await RunAsync())["result"]!;
        Assert.Equal((2, 10), ((int)result["guessed"]!, (int)result["unsure"]!));
        Assert.Equal([1, 2, null], (await OpenAsync()).Select(mask => (int?)mask!["classId"]));
        Assert.All(await OpenAsync(), mask => Assert.NotNull(mask!["guess"]));
    }

    [Fact]
    public async Task AProjectWithoutDifferencesIsUnsureOfAll()
    {
        // Red and blue of both classes in turn.
        for (int i = 1; i < Last; i++)
            await _service.ChangeAsync(i, 0, LabelService.Add(Red(i), i % 2 + 1), LabelService.Add(Blue(i), i / 2 % 2 + 1));
        await ProposeAsync(Last, "everything", null, Red((int)Last), Blue((int)Last));
        JsonNode result = (await RunAsync())["result"]!;
        Assert.Null(result["threshold"]);
        Assert.Equal((0, 2), ((int)result["guessed"]!, (int)result["unsure"]!));
        Assert.All(await OpenAsync(), mask => Assert.True(mask!["classId"] is null && mask["guess"] is not null));
    }

    [Fact]
    public async Task ItFollowsProposalsMayBeStoppedAndPassesUnreadablePictures()
    {
        await _service.EndOfAsync(await _service.PostAsync("proposals"));
        Assert.DoesNotContain(await _service.JobsAsync(), job => (string)job!["kind"]! == "classify");
        await LabelAsync();
        await _service.EndOfAsync(await _service.PostAsync("proposals"));
        JsonNode followed = Assert.Single(await _service.JobsAsync(), job => (string)job!["kind"]! == "classify")!;
        Assert.Equal("done", (string)(await _service.EndOfAsync(followed.AsObject()))["state"]!);

        await ProposeAsync(Last, "everything", null, Red((int)Last));
        JsonObject job = await _service.PostAsync("classify");
        using (HttpResponseMessage stopped = await _service.SendAsync(HttpMethod.Delete, $"jobs/{job["id"]}", "{}"))
            Assert.True(stopped.IsSuccessStatusCode);
        Assert.Contains((string)(await _service.EndOfAsync(job))["state"]!, (string[])["cancelled", "done"]);
        await File.WriteAllTextAsync(_pictures["1.png"], "no picture");
        JsonNode result = (await RunAsync())["result"]!;
        Assert.True((int)result["objects"]! >= 16);
        Assert.True((int)result["guessed"]! >= 1);
    }

    private static string Red(int picture) => LabelService.Mask(2 + picture, 20, 16, 12);

    private static string Blue(int picture) => LabelService.Mask(60, 20 + picture, 16, 20);

    private static RgbImage Drawn(int picture)
    {
        var image = new RgbImage(Pictures.Width, Pictures.Height);
        new Random(picture).NextBytes(image.Pixels);
        foreach (ref byte value in image.Pixels.AsSpan())
            value = (byte)(100 + value / 8);
        Paint(Red(picture), 0);
        Paint(Blue(picture), 2);
        return image;

        void Paint(string shape, int channel)
        {
            BinaryMask mask = System.Text.Json.JsonSerializer.Deserialize<Rle>(shape)!.ToMask();
            for (int y = 0; y < mask.Height; y++)
            {
                for (int x = mask.NextSet(y, 0); x < mask.Width; x = mask.NextSet(y, x + 1))
                {
                    int at = 3 * (y * mask.Width + x);
                    image.Pixels.AsSpan(at, 3).Fill((byte)(10 + picture));
                    image.Pixels[at + channel] = (byte)(220 + picture);
                }
            }
        }
    }

    private static string Accept(JsonNode mask, string more)
        => $$"""{"op":"add","object":{{{more}}"rle":{{mask["rle"]!.ToJsonString()}},"made":"proposal"},"proposal":{{mask["id"]}}}""";

    private async Task LabelAsync()
    {
        for (int i = 1; i < Last; i++)
            await _service.ChangeAsync(i, 0, LabelService.Add(Red(i)), LabelService.Add(Blue(i), 2));
    }

    private async Task ProposeAsync(long picture, string source, long? classId, params string[] masks)
    {
        using ProjectDatabase database = Open(_pictures.Project);
        await database.PrepareAsync();
        await database.WriteAsync(async session =>
        {
            foreach ((int place, string mask) in masks.Index())
            {
                await session.ExecuteAsync(
                    "INSERT INTO proposals (picture_id, source, height, width, counts, score, class_id, sure) VALUES (@id, @source, 60, 90, @counts, @score, @class, 1)",
                    ("id", picture), ("source", source), ("counts", System.Text.Json.JsonSerializer.Deserialize<Rle>(mask)!.ToCompressed()),
                    ("score", 0.9 - 0.1 * place), ("class", classId));
            }
        });
    }

    private async Task<string> SimilarAsync()
    {
        using ProjectDatabase database = Open(_pictures.Project);
        await database.PrepareAsync();
        return Assert.Single(await database.ReadAsync(session => session.QueryAsync(
            "SELECT class_id, guess FROM proposals WHERE source = 'similar'", row => $"{row.GetInt64(0)} {(row.IsDBNull(1) ? "-" : "guessed")}")));
    }

    private async Task<JsonArray> OpenAsync() => (await _service.GetAsync($"pictures/{Last}/proposals"))["proposals"]!.AsArray();

    private async Task<JsonObject> RunAsync()
    {
        JsonObject job = await _service.EndOfAsync(await _service.PostAsync("classify"));
        Assert.True((string)job["state"]! == "done", job.ToString());
        return job;
    }
}
