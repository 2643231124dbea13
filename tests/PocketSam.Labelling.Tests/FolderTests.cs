using System.Net;
using System.Text.Json.Nodes;

namespace PocketSam.Labelling.Tests;

/// <summary>What happens to files of pictures is noticed, and no object is lost by it.</summary>
public sealed class FolderTests : IAsyncLifetime
{
    private readonly Pictures _pictures = new();
    private LabelService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await LabelService.StartAsync(_pictures);
        await _service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()));

        // Contents are known some time after the list is.
        await LabelService.Until(() => Task.FromResult(HashesAreKnown()));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _pictures.Dispose();
    }

    [Fact]
    public async Task PicturesAreInTheOrderInWhichPeopleCount()
    {
        _pictures.Add("10.png", 10);
        _pictures.Add("b/2.png", 11);
        _pictures.Add("B/1.png", 12);
        await _service.PostRescanAsync();
        await LabelService.Until(async () => (await NamesAsync()).Length == 6);
        Assert.Equal(["1.png", "2.png", "3.png", "10.png", "B/1.png", "b/2.png"], await NamesAsync());
    }

    [Fact]
    public async Task AMovedFileTakesItsObjectsAlong()
    {
        Directory.CreateDirectory(_pictures["done"]);
        File.Move(_pictures["1.png"], _pictures["done/first.png"]);
        await _service.PostRescanAsync();
        await LabelService.Until(async () => (string)(await _service.GetAsync("pictures/1"))["name"]! == "done/first.png");
        JsonObject picture = await _service.GetAsync("pictures/1");
        Assert.Equal("here", (string)picture["status"]!);
        Assert.Single(picture["objects"]!.AsArray());
    }

    [Fact]
    public async Task AFileThatIsGoneIsMissingAndHereAgainWhenItIsBack()
    {
        byte[] file = File.ReadAllBytes(_pictures["1.png"]);
        File.Delete(_pictures["1.png"]);
        await _service.PostRescanAsync();
        await StatusAsync("missing");
        JsonObject problem = await LabelService.ReadAsync(
            await _service.Client.GetAsync("api/label/pictures/1/image"), HttpStatusCode.NotFound);
        Assert.Equal("1.png: the file is not there any more; its objects are kept", (string)problem["detail"]!);
        Assert.Single((await _service.GetAsync("pictures/1"))["objects"]!.AsArray());
        Assert.Equal(2, (int)(await _service.GetAsync("pictures/next"))["id"]!);
        File.WriteAllBytes(_pictures["1.png"], file);
        await _service.PostRescanAsync();
        await StatusAsync("here");
    }

    [Fact]
    public async Task AFileOfOtherContentHasChangedUntilSomebodySaysItsState()
    {
        _pictures.Add("1.png", seed: 99);
        File.SetLastWriteTimeUtc(_pictures["1.png"], new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await _service.PostRescanAsync();
        await StatusAsync("changed");
        Assert.Single((await _service.GetAsync("pictures/1"))["objects"]!.AsArray());
        await _service.ChangeAsync(1, 1, """{"op":"state","state":"done"}""");
        await StatusAsync("here");
    }

    [Fact]
    public async Task PicturesAreNeverWrittenTo()
    {
        var before = Directory.GetFiles(_pictures.Folder, "*.png").ToDictionary(file => file, file => (File.ReadAllBytes(file), File.GetLastWriteTimeUtc(file)));
        await _service.PostAsync("pictures/1/embed");
        await _service.Client.GetAsync("api/label/pictures/2/thumbnail");
        await _service.PostRescanAsync();
        await _service.ChangeAsync(2, 0, LabelService.Add(LabelService.Mask()), """{"op":"state","state":"done"}""");
        foreach ((string file, (byte[] bytes, DateTime written)) in before)
            Assert.Equal((Convert.ToHexString(bytes), written), (Convert.ToHexString(File.ReadAllBytes(file)), File.GetLastWriteTimeUtc(file)));
    }

    private bool HashesAreKnown()
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_pictures.Project};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM pictures WHERE hash = ''";
        return (long)command.ExecuteScalar()! == 0;
    }

    private Task StatusAsync(string status)
        => LabelService.Until(async () => (string)(await _service.GetAsync("pictures/1"))["status"]! == status);

    private async Task<string[]> NamesAsync()
        => [.. (await _service.GetAsync("pictures"))["pictures"]!.AsArray().Select(picture => (string)picture!["name"]!)];
}
