using System.Text.Json.Nodes;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Tests;

/// <summary>How often classes are guessed right on photos: half of them are labelled, the objects of the others are proposals.</summary>
public sealed class GuessedPhotosTests
{
    private const int Count = 160;

    /// <summary>The figures are in docs/labelling.md; the limit lies a little below them.</summary>
    [Theory]
    [InlineData("default", 0.30)]
    [InlineData("quality", 0.40)]
    [Trait("Category", "Slow")]
    public async Task AnimalsOfHalfOfThePhotosTellThoseOfTheOthers(string model, double leastHeldOut)
    {
        string data = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", "animals", "train.json"));
        Requirement.SkipWhenMissing(!File.Exists(data), "shared/data does not lie beside the repository");
        CocoDataset animals = CocoDataset.Load(data);
        CocoImage[] photos = [.. animals.Images.Take(Count)];
        using var folder = new Pictures(count: 0);
        foreach (CocoImage photo in photos)
            File.Copy(photo.Path, folder[Path.GetFileName(photo.Path)]);
        await using LabelService service = await LabelService.StartAsync(
            folder, options => animals.Classes.ToList().ForEach(options.Classes.Add), model: Sam.Load(Path.Combine(Repository.Root, "models", model + ".safetensors")));
        Dictionary<string, long> classes = (await service.GetAsync("project"))["classes"]!.AsArray()
            .ToDictionary(one => (string)one!["name"]!, one => (long)one!["id"]!);
        Dictionary<string, long> ids = (await service.GetAsync($"pictures?limit={Count}"))["pictures"]!.AsArray()
            .ToDictionary(one => (string)one!["name"]!, one => (long)one!["id"]!);
        (Dictionary<long, long> truths, int labelled) = await FillAsync(folder, photos, classes, ids);

        JsonObject job = await service.EndOfAsync(await service.PostAsync("classify"), seconds: 600);
        JsonNode result = job["result"]!;
        Assert.Null(result["whyNot"]);
        using var database = new SqliteDatabase(folder.Project);
        await database.PrepareAsync();
        List<(long Id, long? Class)> guesses = await database.ReadAsync(session => session.QueryAsync(
            "SELECT id, class_id FROM proposals", row => (row.GetInt64(0), row.IsDBNull(1) ? (long?)null : row.GetInt64(1))));
        (long Id, long? Class)[] sure = [.. guesses.Where(guess => guess.Class is not null)];
        int right = sure.Count(guess => truths[guess.Id] == guess.Class);
        double heldOut = (double)result["heldOutAccuracy"]!;
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant(
            $"{model}: {labelled} objects of {animals.Classes.Count} classes labelled, {guesses.Count} to guess: {right} of {sure.Length} sure ones are right, {guesses.Count - sure.Length} unsure; right when held out {heldOut:0.000}"));
        Assert.Equal(truths.Count, guesses.Count);
        Assert.InRange(heldOut, leastHeldOut, 1);
    }

    /// <summary>Objects on every second photo, proposals on the others; gives the proposals' classes.</summary>
    private static async Task<(Dictionary<long, long> Truths, int Labelled)> FillAsync(
        Pictures folder, CocoImage[] photos, Dictionary<string, long> classes, Dictionary<string, long> ids)
    {
        var truths = new Dictionary<long, long>();
        int labelled = 0;
        using var database = new SqliteDatabase(folder.Project);
        await database.PrepareAsync();
        await database.WriteAsync(async session =>
        {
            foreach ((int place, CocoImage photo) in photos.Index())
            {
                StoredPicture picture = await PictureTable.GetAsync(session, ids[Path.GetFileName(photo.Path)]);
                (long Class, string Counts)[] objects = [.. photo.Annotations.Where(one => !one.IsCrowd)
                    .Select(one => (classes[one.Label!], Rle.Encode(one.Decode()).ToCompressed()))];
                if (place % 2 == 0)
                {
                    labelled += await ChangeLog.ImportAsync(
                        session, picture,
                        [.. objects.Select(one => new StoredObject(
                            0, one.Class, picture.Height, picture.Width, one.Counts, "{}", "import", "Ann", "2026-01-01T00:00:00.000Z", null))],
                        "Ann", DateTimeOffset.UnixEpoch);
                    continue;
                }

                foreach ((long ofClass, string counts) in objects)
                {
                    long id = truths.Count + 1;
                    await session.ExecuteAsync(
                        """
                        INSERT INTO proposals (id, picture_id, source, height, width, counts, score, sure)
                        VALUES (@id, @picture, 'everything', @height, @width, @counts, 0.9, 1)
                        """,
                        ("id", id), ("picture", picture.Id), ("height", (long)picture.Height), ("width", (long)picture.Width), ("counts", counts));
                    truths[id] = ofClass;
                }
            }
        });
        return (truths, labelled);
    }
}
