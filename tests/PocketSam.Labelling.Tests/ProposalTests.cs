using System.Net;
using System.Text.Json.Nodes;

namespace PocketSam.Labelling.Tests;

/// <summary>Masks that are found in the background.</summary>
public sealed class ProposalTests : IDisposable
{
    private readonly Pictures _pictures = new();

    public void Dispose() => _pictures.Dispose();

    [Fact]
    public async Task AllPicturesAreLookedAtOnceAndWhatIsAcceptedBecomesAnObject()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        JsonObject job = await DoneAsync(service, await service.PostAsync("proposals"));
        Assert.Equal((3, 3), ((int)job["done"]!, (int)job["total"]!));
        JsonObject again = await DoneAsync(service, await service.PostAsync("proposals"));
        Assert.Equal(0, (int)again["result"]!["found"]!);

        // Nothing is sure of random weights: one of the database's own.
        using (var database = new Storage.SqliteDatabase(_pictures.Project))
        {
            await database.PrepareAsync();
            string counts = System.Text.Json.JsonSerializer.Deserialize<Rle>(LabelService.Mask())!.ToCompressed();
            await database.WriteAsync(async session =>
            {
                await session.ExecuteAsync("DELETE FROM proposals");
                for (int i = 0; i < 2; i++)
                {
                    await session.ExecuteAsync(
                        "INSERT INTO proposals (picture_id, source, height, width, counts, score, sure) VALUES (1, 'everything', 60, 90, @counts, 0.9, 1)",
                        ("counts", counts));
                }
            });
        }

        JsonArray open = (await service.GetAsync("pictures/1/proposals"))["proposals"]!.AsArray();
        Assert.Equal(2, open.Count);
        await service.ChangeAsync(1, 0, $$$"""{"op":"add","object":{"classId":1,"rle":{{{open[0]!["rle"]!.ToJsonString()}}},"made":"proposal"},"proposal":{{{open[0]!["id"]}}}}""");
        Assert.Single((await service.GetAsync("pictures/1/proposals"))["proposals"]!.AsArray());
        await service.PostAsync("pictures/1/undo", """{"baseVersion":1}""");
        Assert.Equal(2, (int)(await service.GetAsync("pictures"))["pictures"]![0]!["proposals"]!);
        using HttpResponseMessage dismissed = await service.SendAsync(HttpMethod.Post, $"pictures/1/proposals/{open[1]!["id"]}/dismiss", "{}");
        Assert.Equal(HttpStatusCode.NoContent, dismissed.StatusCode);
        Assert.Single((await service.GetAsync("pictures/1/proposals"))["proposals"]!.AsArray());
        await service.RefusedAsync(HttpStatusCode.NotFound, $"pictures/1/proposals/{open[1]!["id"]}/dismiss", "{}");
    }

    [Fact]
    public async Task MoreLikeAnObjectAreFoundByAJobAndKeptApartFromProposals()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        await service.ChangeAsync(1, 0, $$$"""{"op":"add","object":{"classId":1,"rle":{{{LabelService.Mask()}}},"made":"brush"}}""");
        foreach (string scope in new[] { "picture", "all" })
        {
            JsonObject job = await DoneAsync(service, await service.PostAsync("similar", $$"""{"pictureId":1,"objectIds":[1],"scope":"{{scope}}","threshold":0}"""));
            Assert.Equal(scope == "picture" ? 1 : 3, (int)job["total"]!);
            Assert.Equal(job["result"]!["found"]!.AsArray().Count, (int)job["result"]!["count"]!);
            Assert.Empty((await service.GetAsync("pictures/1/proposals"))["proposals"]!.AsArray());
        }

        await service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "pictures/1/proposals?source=dreams", "", HttpMethod.Get);
        await service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "similar", """{"pictureId":1,"objectIds":[1],"scope":"world","threshold":0}""");
        await service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "similar", """{"pictureId":1,"objectIds":[],"scope":"all","threshold":0}""");
        await service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "similar", """{"pictureId":1,"objectIds":[1],"scope":"all","threshold":7}""");
        await service.RefusedAsync(HttpStatusCode.NotFound, "similar", """{"pictureId":1,"objectIds":[99],"scope":"all","threshold":0}""");
        await service.RefusedAsync(HttpStatusCode.NotFound, "similar", """{"pictureId":99,"objectIds":[1],"scope":"all","threshold":0}""");
    }

    private static async Task<JsonObject> DoneAsync(LabelService service, JsonObject job)
    {
        job = await service.EndOfAsync(job);
        Assert.True((string)job["state"]! == "done", job.ToString());
        return job;
    }
}
