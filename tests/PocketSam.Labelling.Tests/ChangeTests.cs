using System.Net;
using System.Text.Json.Nodes;

namespace PocketSam.Labelling.Tests;

/// <summary>Changes, undo, conflicts and classes over HTTP, in a file.</summary>
public sealed class SqliteChangeTests : ChangeTests;

/// <summary>The same in PostgreSQL.</summary>
public sealed class PostgresChangeTests : ChangeTests
{
    private readonly PostgresSchema _schema = new();

    protected override void Configure(PocketSamLabellingOptions options) => options.Database = _schema.Connection;

    protected override void End() => _schema.Dispose();
}

/// <summary>Changes, undo, conflicts and classes over HTTP.</summary>
public abstract class ChangeTests : IAsyncLifetime
{
    private readonly Pictures _pictures = new();
    private LabelService _service = null!;

    public async ValueTask InitializeAsync() => _service = await LabelService.StartAsync(_pictures, Configure);

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
    public async Task TheProjectTellsWhatItHas()
    {
        JsonObject project = await _service.GetAsync("project");
        Assert.Equal(["cat", "dog"], project["classes"]!.AsArray().Select(c => (string)c!["name"]!));
        Assert.Equal(["1", "2"], project["classes"]!.AsArray().Select(c => (string)c!["key"]!));
        Assert.Equal(3, (int)project["counts"]!["todo"]!);
        JsonObject list = await _service.GetAsync("pictures?state=todo&search=2.P");
        JsonNode picture = Assert.Single(list["pictures"]!.AsArray())!;
        Assert.Equal("2.png", (string)picture["name"]!);
        Assert.Equal((Pictures.Width, Pictures.Height), ((int)picture["width"]!, (int)picture["height"]!));
        Assert.Equal("here", (string)picture["status"]!);
    }

    [Fact]
    public async Task AnObjectComesBackToThePixel()
    {
        string mask = LabelService.Mask();
        JsonObject changed = await _service.ChangeAsync(1, 0, LabelService.Add(mask, more: ""","attributes":{"coat":"black"},"score":0.5"""));
        JsonObject picture = await _service.GetAsync("pictures/1");
        Assert.Equal(changed["objects"]!.ToJsonString(), picture["objects"]!.ToJsonString());
        JsonNode thing = Assert.Single(picture["objects"]!.AsArray())!;
        Assert.Equal(JsonNode.Parse(mask)!.ToJsonString(), thing["rle"]!.ToJsonString());
        Assert.Equal(("Ann", "brush", 0.5, "black"), ((string)thing["who"]!, (string)thing["made"]!, (double)thing["score"]!, (string)thing["attributes"]!["coat"]!));
        Assert.Equal(1, (int)picture["version"]!);
        Assert.Equal(1.5, (double)(await _service.GetAsync("project"))["counts"]!["seconds"]!);
    }

    [Fact]
    public async Task UndoAndRedoGoThroughAllKindsOfChangesAndOutliveARestart()
    {
        List<string> states = [await StateAsync()];
        await _service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()), LabelService.Add(LabelService.Mask(40), 2));
        states.Add(await StateAsync());
        long id = (long)(await _service.GetAsync("pictures/1"))["objects"]![0]!["id"]!;
        await _service.ChangeAsync(1, 1, $$$"""{"op":"update","id":{{{id}}},"object":{"rle":{{{LabelService.Mask(3, 3)}}},"classId":2}}""");
        states.Add(await StateAsync());
        await _service.ChangeAsync(1, 2, $$"""{"op":"remove","id":{{id}}}""", """{"op":"state","state":"done","comment":"as it is"}""");
        states.Add(await StateAsync());

        long version = 3;
        for (int i = states.Count - 2; i >= 0; i--)
        {
            JsonObject undone = await _service.PostAsync("pictures/1/undo", $$"""{"baseVersion":{{version++}}}""");
            Assert.Equal(states[i], await StateAsync());
            Assert.Equal(i > 0, (bool)undone["canUndo"]!);
        }

        await _service.DisposeAsync();
        _service = await LabelService.StartAsync(_pictures, Configure);
        for (int i = 1; i < states.Count; i++)
        {
            JsonObject redone = await _service.PostAsync("pictures/1/redo", $$"""{"baseVersion":{{version++}}}""");
            Assert.Equal(states[i], await StateAsync());
            Assert.Equal(i < states.Count - 1, (bool)redone["canRedo"]!);
        }

        JsonObject problem = await _service.RefusedAsync(HttpStatusCode.Conflict, "pictures/1/redo", $$"""{"baseVersion":{{version}}}""");
        Assert.Equal("nothing_there", (string)problem["code"]!);

        // A change after an undo leaves what was undone behind.
        await _service.PostAsync("pictures/1/undo", $$"""{"baseVersion":{{version++}}}""");
        JsonObject after = await _service.ChangeAsync(1, version, LabelService.Add(LabelService.Mask(60)));
        Assert.False((bool)after["canRedo"]!);
        JsonArray entries = (await _service.GetAsync("pictures/1/history"))["entries"]!.AsArray();
        Assert.Equal(3, entries.Count);
        Assert.All(entries, entry => Assert.False((bool)entry!["undone"]!));
    }

    [Fact]
    public async Task AStaleVersionIsToldWhatIsThereAndNothingIsWritten()
    {
        await _service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()));
        JsonObject problem = await _service.RefusedAsync(
            HttpStatusCode.Conflict, "pictures/1/changes", LabelService.Changes(0, LabelService.Add(LabelService.Mask(50))));
        Assert.Equal("Ann has changed the picture since: version 1, and not 0", (string)problem["detail"]!);
        Assert.Equal((1, "Ann"), ((int)problem["version"]!, (string)problem["by"]!));
        Assert.Single(problem["objects"]!.AsArray());
        Assert.Single((await _service.GetAsync("pictures/1"))["objects"]!.AsArray());
    }

    [Fact]
    public async Task OfChangesOfWhichOneIsWrongNoneIsMade()
    {
        string good = LabelService.Add(LabelService.Mask());
        foreach ((string wrong, string detail) in new[]
        {
            (LabelService.Add(LabelService.Mask(), 99), "change 1: the project has no class 99"),
            (LabelService.Add(LabelService.Mask(pictureWidth: 91)), "change 1: a mask of 91x60 for a picture of 90x60"),
            (LabelService.Add(LabelService.Mask(width: 0)), "change 1: the mask is empty"),
            ("""{"op":"remove","id":77}""", "change 1: the picture has no object 77"),
            ("""{"op":"update","id":77,"object":{}}""", "change 1: the picture has no object 77"),
            ("""{"op":"paint"}""", "change 1: op 'paint': there are add, update, remove and state"),
            ("""{"op":"state","state":"finished"}""", "change 1: state 'finished': there are todo, done, checked, rejected"),
            ("""{"op":"add"}""", "change 1: says no object"),
            ("null", "change 1: null is none"),
            (LabelService.Add(LabelService.Mask(), more: ""","attributes":[]"""), "change 1: attributes are an object"),
        })
        {
            JsonObject problem = await _service.RefusedAsync(
                HttpStatusCode.UnprocessableEntity, "pictures/1/changes", LabelService.Changes(0, good, wrong));
            Assert.Equal(detail, (string)problem["detail"]!);
        }

        Assert.Equal(0, (int)(await _service.GetAsync("pictures/1"))["version"]!);
        Assert.Empty((await _service.GetAsync("pictures/1"))["objects"]!.AsArray());
        JsonObject none = await _service.RefusedAsync(HttpStatusCode.NotFound, "pictures/55/changes", LabelService.Changes(0, good));
        Assert.Equal("the project has no picture 55", (string)none["detail"]!);
        JsonObject rle = await _service.RefusedAsync(
            HttpStatusCode.BadRequest, "pictures/1/changes", LabelService.Changes(0, LabelService.Add("""{"size":[60,90],"counts":"01"}""")));
        Assert.StartsWith("run-length", (string)rle["detail"]!);
    }

    [Fact]
    public async Task AClassInUseIsKeptUntilItsObjectsHaveAnother()
    {
        await _service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask(), 2));
        JsonObject problem = await _service.RefusedAsync(HttpStatusCode.Conflict, "classes/2", "{}", HttpMethod.Delete);
        Assert.Equal("1 objects are of the class 'dog': name another one for them", (string)problem["detail"]!);
        using (HttpResponseMessage removed = await _service.Client.DeleteAsync("api/label/classes/2?to=1"))
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        JsonObject picture = await _service.GetAsync("pictures/1");
        Assert.Equal((1, 2), ((int)picture["objects"]![0]!["classId"]!, (int)picture["version"]!));

        // What is undone and made again comes back in the class that took its place.
        await _service.PostAsync("pictures/1/undo", """{"baseVersion":2}""");
        JsonObject redone = await _service.PostAsync("pictures/1/redo", """{"baseVersion":3}""");
        Assert.Equal(1, (int)redone["objects"]![0]!["classId"]!);
    }

    [Fact]
    public async Task ClassesHaveNamesColoursAndKeysOfTheirOwn()
    {
        JsonObject bird = await _service.PostAsync("classes", """{"name":" bird ","color":"#AABBCC"}""");
        Assert.Equal(("bird", "#aabbcc", "3"), ((string)bird["name"]!, (string)bird["color"]!, (string)bird["key"]!));
        JsonObject taken = await LabelService.ReadAsync(
            await _service.SendAsync(HttpMethod.Put, $"classes/{bird["id"]}", """{"name":"owl","key":"1"}"""), HttpStatusCode.OK);
        Assert.Equal(("owl", "1"), ((string)taken["name"]!, (string)taken["key"]!));
        Assert.Null((await _service.GetAsync("project"))["classes"]![0]!["key"]);
        foreach ((string json, HttpStatusCode status) in new[]
        {
            ("""{"name":"cat"}""", HttpStatusCode.Conflict), ("""{"name":" "}""", HttpStatusCode.UnprocessableEntity),
            ("""{"name":"x","color":"red"}""", HttpStatusCode.UnprocessableEntity),
            ("""{"name":"x","key":"0"}""", HttpStatusCode.UnprocessableEntity),
            ($$"""{"name":"{{new string('x', 201)}}"}""", HttpStatusCode.UnprocessableEntity),
        })
        {
            await _service.RefusedAsync(status, "classes", json);
        }
    }

    [Fact]
    public async Task NextGoesOnFromTheBeginningWhereAStateIsAskedFor()
    {
        await _service.ChangeAsync(2, 0, """{"op":"state","state":"done"}""");
        Assert.Equal(3, (int)(await _service.GetAsync("pictures/next?after=1&state=todo"))["id"]!);
        Assert.Equal(1, (int)(await _service.GetAsync("pictures/next?after=3&state=todo"))["id"]!);
        Assert.Equal((2, 1), ((int)(await _service.GetAsync("pictures/next?after=1"))["id"]!, (int)(await _service.GetAsync("pictures/next?after=1"))["index"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await _service.Client.GetAsync("api/label/pictures/next?after=3")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _service.Client.GetAsync("api/label/pictures/next?state=checked")).StatusCode);
    }

    [Fact]
    public async Task OthersAreToldOfChangesAndOfWhoHasWhatOpen()
    {
        using Stream stream = await _service.Client.GetStreamAsync("api/label/events");
        using var reader = new StreamReader(stream);
        await _service.PostAsync("pictures/1/open");
        await _service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()));
        await _service.PostAsync("classes", """{"name":"bird"}""");
        Assert.Equal("""{"kind":"presence","id":1,"openBy":["Ann"]}""", await NextAsync());
        Assert.Equal("""{"kind":"picture","id":1,"version":1,"by":"Ann","tab":"t1"}""", await NextAsync());
        Assert.Equal("""{"kind":"classes"}""", await NextAsync());
        Assert.Equal("Ann", (string)(await _service.GetAsync("pictures/1"))["openBy"]![0]!);
        JsonObject closed = await _service.PostAsync("pictures/1/close");
        Assert.Empty(closed["openBy"]!.AsArray());

        async Task<string> NextAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            while (true)
            {
                string line = (await reader.ReadLineAsync(patience.Token))!;
                if (line.StartsWith("data: ", StringComparison.Ordinal) && !line.Contains("\"pictures\"", StringComparison.Ordinal))
                    return line[6..];
            }
        }
    }

    [Fact]
    public async Task AnEmbeddedPictureTakesPromptsOfTheService()
    {
        JsonObject embedded = await _service.PostAsync("pictures/1/embed");
        string id = (string)embedded["imageId"]!;
        await LabelService.Until(async () => (string)JsonNode.Parse(await _service.Client.GetStringAsync($"api/v1/images/{id}"))!["state"]! == "ready");
        Assert.Equal(id, (string)(await _service.PostAsync("pictures/1/embed"))["imageId"]!);
        Assert.Equal(id, (string)(await _service.GetAsync("pictures/1"))["imageId"]!);
        using HttpResponseMessage predicted = await _service.Client.PostAsync(
            $"api/v1/images/{id}/predict", new StringContent("""{"objects":[{"points":[{"x":10,"y":10,"label":1}]}]}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, predicted.StatusCode);

        // The next two are encoded ahead.
        await LabelService.Until(async () => (await _service.GetAsync("pictures/3"))["imageId"] is not null);
    }

    [Fact]
    public async Task FilesOfPicturesAreSentAsTheyAreAndSmall()
    {
        using HttpResponseMessage image = await _service.Client.GetAsync("api/label/pictures/1/image");
        Assert.Equal("image/png", image.Content.Headers.ContentType!.MediaType);
        Assert.Equal(await File.ReadAllBytesAsync(_pictures["1.png"]), await image.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage small = await _service.Client.GetAsync("api/label/pictures/1/thumbnail");
        Assert.Equal("image/jpeg", small.Content.Headers.ContentType!.MediaType);
        using var again = new HttpRequestMessage(HttpMethod.Get, "api/label/pictures/1/thumbnail");
        again.Headers.Add("If-None-Match", image.Headers.ETag!.ToString().Replace("image", "small"));
        Assert.Equal(HttpStatusCode.NotModified, (await _service.Client.SendAsync(again)).StatusCode);
    }

    [Fact]
    public async Task PagesOfOtherOriginsAreNotAnswered()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/label/project");
        request.Headers.Add("Origin", "http://example.org");
        JsonObject problem = await LabelService.ReadAsync(await _service.Client.SendAsync(request), HttpStatusCode.Forbidden);
        Assert.Equal("cross_origin", (string)problem["code"]!);
        using HttpResponseMessage nowhere = await _service.Client.GetAsync("api/label/pictures/one");
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
        Assert.Equal("application/problem+json", nowhere.Content.Headers.ContentType!.MediaType);
    }

    private async Task<string> StateAsync()
    {
        JsonObject picture = await _service.GetAsync("pictures/1");
        return $"{picture["state"]} {picture["comment"]} {picture["objects"]!.ToJsonString()}";
    }
}
