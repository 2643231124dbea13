using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Tests;

/// <summary>Files that are no project of this version, copies, and a file that fails while it is used.</summary>
public sealed class ProjectFileTests : IDisposable
{
    private readonly Pictures _pictures = new();

    public void Dispose() => _pictures.Dispose();

    [Fact]
    public async Task AProjectOfALaterVersionIsRefusedAndKeptAsItIs()
    {
        await using (LabelService service = await LabelService.StartAsync(_pictures))
            await service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()));
        await using (await LabelService.StartAsync(_pictures))
        {
            // A copy of the first is there.
        }

        Execute("UPDATE project SET value = '99' WHERE name = 'schema'");
        byte[] before = File.ReadAllBytes(_pictures.Project);
        IOException refused = await Assert.ThrowsAsync<IOException>(() => LabelService.StartAsync(_pictures));
        Assert.Equal(
            $"{_pictures.Project}: a project of version 99, where this program knows versions up to {Schema.Version}: take a newer program; "
            + $"the last copy of it is {_pictures.Project}.bak", refused.Message);
        Assert.Equal(before, File.ReadAllBytes(_pictures.Project));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("other")]
    [InlineData("cut")]
    [InlineData("overwritten")]
    public async Task AFileThatIsNoProjectOrIsDamagedIsRefusedInOneLine(string kind)
    {
        switch (kind)
        {
            case "text":
                File.WriteAllText(_pictures.Project, string.Concat(Enumerable.Repeat("no database at all\n", 1000)));
                break;
            case "other":
                Execute("CREATE TABLE things (id INTEGER PRIMARY KEY)");
                break;
            default:
                await using (LabelService service = await LabelService.StartAsync(_pictures))
                {
                    long version = 0;
                    for (int i = 0; i < 30; i++)
                        version = (long)(await service.ChangeAsync(1, version, LabelService.Add(LabelService.Mask(i))))["version"]!;
                }

                byte[] bytes = File.ReadAllBytes(_pictures.Project);
                if (kind == "cut")
                    bytes = bytes[..(bytes.Length / 2)];
                else
                    bytes.AsSpan(4096, bytes.Length - 8192).Fill(0x5A);
                File.WriteAllBytes(_pictures.Project, bytes);
                break;
        }

        byte[] before = File.ReadAllBytes(_pictures.Project);
        IOException refused = await Assert.ThrowsAsync<IOException>(() => LabelService.StartAsync(_pictures));
        Assert.StartsWith($"{_pictures.Project}: ", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Contains(kind switch { "text" => "not a database", "other" => "no labelling project", _ => "damaged" }, refused.Message);
        Assert.Equal(before, File.ReadAllBytes(_pictures.Project));
    }

    [Fact]
    public async Task CopiesOfEarlierStartsAreKeptAndOpenAsProjects()
    {
        for (int start = 0; start < 6; start++)
        {
            await using LabelService service = await LabelService.StartAsync(_pictures);
            Assert.Equal(start, (int)(await service.GetAsync("project"))["counts"]!["objects"]!);
            await service.ChangeAsync(1, start, LabelService.Add(LabelService.Mask(start)));
        }

        string[] copies = [.. Directory.GetFiles(_pictures.Folder, "*.bak*").Order()];
        Assert.Equal([$"{_pictures.Project}.bak", $"{_pictures.Project}.bak.2", $"{_pictures.Project}.bak.3"], copies);
        await using LabelService old = await LabelService.StartAsync(_pictures, options => options.Project = copies[0]);
        Assert.Equal(5, (int)(await old.GetAsync("project"))["counts"]!["objects"]!);
    }

    [Fact]
    public async Task AFileThatIsTakenAwayIsToldAndNothingIsAcknowledged()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        string aside = _pictures.Project + ".aside";
        File.Move(_pictures.Project, aside);
        JsonObject problem = await service.RefusedAsync(
            HttpStatusCode.ServiceUnavailable, "pictures/1/changes", LabelService.Changes(0, LabelService.Add(LabelService.Mask())));
        Assert.Equal($"{_pictures.Project} is gone: nothing can be kept until it is back", (string)problem["detail"]!);
        File.Delete(_pictures.Project);
        File.Move(aside, _pictures.Project);
        await service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()));
    }

    [Fact]
    public async Task AFullDatabaseIsToldAndKeepsWhatItHas()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        await service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()));
        using var database = new SqliteDatabase(_pictures.Project);
        Api.LabelException problem = await Assert.ThrowsAsync<Api.LabelException>(() => database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("PRAGMA max_page_count = 1");
            for (int i = 0; i < 100; i++)
                await session.ExecuteAsync("INSERT INTO project (name, value) VALUES (@name, @value)", ("name", $"n{i}"), ("value", new string('x', 10_000)));
        }));
        Assert.Equal((503, "the disk is full: nothing of this was kept"), (problem.Status, problem.Message));
        SqliteConnection.ClearAllPools();
        Assert.Single((await service.GetAsync("pictures/1"))["objects"]!.AsArray());
        await service.ChangeAsync(1, 1, LabelService.Add(LabelService.Mask(30)));
    }

    [Fact]
    public async Task ChangesAreFlushedToTheDisk()
    {
        using var database = new SqliteDatabase(_pictures.Project);
        await database.PrepareAsync();
        (long? synchronous, string journal) = await database.ReadAsync(async session => (
            await session.NumberAsync("PRAGMA synchronous"), (await session.QueryAsync("PRAGMA journal_mode", row => row.GetString(0)))[0]));
        Assert.Equal((2, "wal"), (synchronous, journal));
    }

    [Fact]
    public async Task ADatabaseThatGoesAwayIsToldAndFoundAgain()
    {
        using var schema = new PostgresSchema();
        try
        {
            string connection = schema.CreateDatabase();
            await using LabelService service = await LabelService.StartAsync(_pictures, options => options.Database = connection);
            await service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()));
            schema.SetOpen(false);
            JsonObject problem = await service.RefusedAsync(
                HttpStatusCode.ServiceUnavailable, "pictures/1/changes", LabelService.Changes(1, LabelService.Add(LabelService.Mask(30))));
            Assert.Matches("^the database (cannot be reached|refuses)", (string)problem["detail"]!);
            schema.SetOpen(true);
            await LabelService.Until(async () => (await service.Client.GetAsync("api/label/pictures/1")).IsSuccessStatusCode);
            await service.ChangeAsync(1, 1, LabelService.Add(LabelService.Mask(30)));
        }
        finally
        {
            schema.DropDatabase();
        }
    }

    [Fact]
    public async Task AConnectionThatLeadsNowhereIsOneLine()
    {
        IOException none = await Assert.ThrowsAsync<IOException>(() => LabelService.StartAsync(
            _pictures, options => options.Database = "Host=127.0.0.1;Port=1;Username=x;Password=secret;Timeout=2"));
        Assert.Contains("cannot be reached", none.Message);
        Assert.DoesNotContain("secret", none.Message);
        IOException wrong = await Assert.ThrowsAsync<IOException>(() => LabelService.StartAsync(_pictures, options => options.Database = "Nowhere=1"));
        Assert.StartsWith("the connection string of the database: ", wrong.Message);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_pictures.Project};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
