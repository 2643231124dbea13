using System.Diagnostics;
using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Tests;

/// <summary>How long it takes in a large project to open it, to go to the next picture, and to save.</summary>
public sealed class ScaleTests
{
    private const int Width = 1000, Height = 750;

    /// <summary>Wide limits: what other tests run beside this.</summary>
    [Fact]
    public Task AProjectOfFiveHundredPicturesIsQuick() => MeasureAsync(pictures: 500, objects: 20, slack: 20);

    /// <summary>5,000 pictures with 100,000 objects: open in 1 s, next in 150 ms, save in 50 ms.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public Task AProjectOfFiveThousandPicturesIsQuick() => MeasureAsync(pictures: 5000, objects: 20, slack: 1);

    private static async Task MeasureAsync(int pictures, int objects, double slack)
    {
        using var folder = new Pictures(0);
        byte[] file = ImageFile.EncodePng(new RgbImage(Width, Height));
        for (int i = 1; i <= pictures; i++)
            File.WriteAllBytes(folder[$"{i}.png"], file);
        await using (LabelService service = await LabelService.StartAsync(folder))
            await FillAsync(folder, pictures, objects);

        // Twice: the second time the copy of the project's file is made of what is in it.
        await using (await LabelService.StartAsync(folder))
        {
        }

        long start = Stopwatch.GetTimestamp();
        await using LabelService opened = await LabelService.StartAsync(folder);
        await opened.GetAsync("project");
        await opened.GetAsync("pictures");
        TimeSpan open = Stopwatch.GetElapsedTime(start);

        List<TimeSpan> nexts = [], saves = [];
        string mask = Mask(1);
        for (int i = 0; i < 50; i++)
        {
            start = Stopwatch.GetTimestamp();
            long id = (long)(await opened.GetAsync($"pictures/next?after={1 + 37 * i % pictures}&state=todo"))["id"]!;
            long version = (long)(await opened.GetAsync($"pictures/{id}"))["version"]!;
            nexts.Add(Stopwatch.GetElapsedTime(start));
            start = Stopwatch.GetTimestamp();
            await opened.ChangeAsync(id, version, LabelService.Add(mask));
            saves.Add(Stopwatch.GetElapsedTime(start));
        }

        TimeSpan next = Median(nexts), save = Median(saves);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{pictures} pictures, {pictures * objects} objects, {new FileInfo(folder.Project).Length >> 20} MiB: open {open.TotalMilliseconds:0} ms, "
            + $"next {next.TotalMilliseconds:0.0} ms, save {save.TotalMilliseconds:0.0} ms");
        Assert.True(open <= slack * TimeSpan.FromSeconds(1), $"open: {open}");
        Assert.True(next <= slack * TimeSpan.FromMilliseconds(150), $"next: {next}");
        Assert.True(save <= slack * TimeSpan.FromMilliseconds(50), $"save: {save}");
    }

    private static async Task FillAsync(Pictures folder, int pictures, int objects)
    {
        using var database = new SqliteDatabase(folder.Project);
        await database.PrepareAsync();
        string[] masks = [.. Enumerable.Range(0, 50).Select(seed => JsonSerializer.Deserialize<Rle>(Mask(seed))!.ToCompressed())];
        await database.WriteAsync(async session =>
        {
            for (int picture = 1; picture <= pictures; picture++)
            {
                StoredPicture known = await PictureTable.GetAsync(session, picture);
                StoredObject[] things = [.. Enumerable.Range(0, objects).Select(i => new StoredObject(
                    0, 1 + i % 2, Height, Width, masks[(picture + i) % masks.Length], "{}", "brush", "Ann", "2026-01-01T00:00:00.000Z", null))];
                await ChangeLog.ImportAsync(session, known, things, "Ann", DateTimeOffset.UnixEpoch);
            }
        });
    }

    /// <summary>A disc with a rough border, as painted ones have: about 300 characters.</summary>
    private static string Mask(int seed)
    {
        var random = new Random(seed);
        var mask = new BinaryMask(Width, Height);
        int x = random.Next(150, 850), y = random.Next(100, 650), radius = random.Next(30, 90);
        for (int row = -radius; row <= radius; row++)
        {
            int half = (int)Math.Sqrt((double)radius * radius - (double)row * row) + random.Next(3);
            mask.Fill(new PixelBox(x - half, y + row, 2 * half + 1, 1));
        }

        return JsonSerializer.Serialize(Rle.Encode(mask));
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);
}
