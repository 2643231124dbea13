using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using PocketSam.Imaging;
using PocketSam.Labelling.Improvement;
using PocketSam.Models;
using PocketSam.Training.FineTuning;

namespace PocketSam.Labelling.Tests;

/// <summary>The model of a project that learns from what is done.</summary>
public sealed class ImproveTests : IDisposable
{
    private readonly Pictures _pictures = new(count: 0);

    public ImproveTests()
    {
        for (int i = 1; i <= 12; i++)
            Draw($"{i}.png", i);
    }

    public void Dispose() => _pictures.Dispose();

    [Fact]
    public async Task WhatIsDoneIsLearnedFromAndAPersonDecides()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        JsonObject few = await service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "improve", "{}");
        Assert.Contains("0 pictures are done or checked and have objects", (string)few["detail"]!);
        await MarkAsync(service);
        await service.RefusedAsync(HttpStatusCode.UnprocessableEntity, "improve", """{"minutes":0}""");
        await service.RefusedAsync(HttpStatusCode.Conflict, "improve/accept", "{}");
        await service.RefusedAsync(HttpStatusCode.Conflict, "improve/back", "{}");

        JsonObject job = await service.EndOfAsync(await service.PostAsync("improve", """{"minutes":0.4}"""), seconds: 180);
        Assert.True((string)job["state"]! == "done", job.ToString());
        JsonObject result = job["result"]!.AsObject();
        Assert.Equal(12, (int)result["learned"]! + result["pictures"]!.AsArray().Count);
        JsonObject picture = result["pictures"]![0]!.AsObject();
        Assert.Equal((int)picture["id"]! + ".png", (string)picture["name"]!);
        Assert.Equal(2, picture["objects"]![0]!["point"]!.AsArray().Count);
        Assert.Equal((bool)result["better"]!, File.Exists(_pictures.Project + ".offered.safetensors"));
        Assert.Equal((bool)result["better"]! ? Path.GetFileName(_pictures.Project) + ".offered.safetensors" : null, (string?)result["modelFile"]);
    }

    [Fact]
    public async Task AnAcceptedModelAnswersAtOnceAndWhenTheProjectIsOpenedAgainUntilOneGoesBack()
    {
        string first, improved;
        await using (LabelService service = await LabelService.StartAsync(_pictures))
        {
            first = (string)(await service.GetAsync("project"))["model"]!["fingerprint"]!;
            Offer();
            JsonObject there = await service.PostAsync("pictures/1/embed");
            await PredictAsync(service, there, HttpStatusCode.OK);
            improved = (string)(await service.PostAsync("improve/accept"))["fingerprint"]!;
            Assert.NotEqual(first, improved);
            Assert.Equal(improved, (string)(await service.GetAsync("project"))["model"]!["fingerprint"]!);

            // Embeddings are the other model's: the picture is unknown now, and encoded anew.
            await PredictAsync(service, there, HttpStatusCode.NotFound);
            JsonObject again = await service.PostAsync("pictures/1/embed");
            Assert.NotEqual((string)there["imageId"]!, (string)again["imageId"]!);
            await PredictAsync(service, again, HttpStatusCode.OK);
            await service.RefusedAsync(HttpStatusCode.Conflict, "improve/accept", "{}");
        }

        await using (LabelService service = await LabelService.StartAsync(_pictures))
        {
            JsonObject model = (await service.GetAsync("project"))["model"]!.AsObject();
            Assert.True((bool)model["improved"]!);
            Assert.Equal((improved, Path.GetFileName(_pictures.Project) + ".improved.safetensors"), ((string)model["fingerprint"]!, (string)model["name"]!));
            Assert.Equal(first, (string)(await service.PostAsync("improve/back"))["fingerprint"]!);
            await service.RefusedAsync(HttpStatusCode.Conflict, "improve/back", "{}");

            // What was gone back from is offered again.
            Assert.Equal(improved, (string)(await service.PostAsync("improve/accept"))["fingerprint"]!);
            Assert.Equal(first, (string)(await service.PostAsync("improve/back"))["fingerprint"]!);
        }

        await using (LabelService service = await LabelService.StartAsync(_pictures))
            Assert.Equal(first, (string)(await service.GetAsync("project"))["model"]!["fingerprint"]!);
    }

    [Fact]
    public async Task AJobThatIsCancelledKeepsNothing()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        await MarkAsync(service);
        JsonObject job = await service.PostAsync("improve", """{"minutes":60}""");
        using (HttpResponseMessage _ = await service.Client.DeleteAsync($"api/label/jobs/{job["id"]}"))
            job = await service.EndOfAsync(job, seconds: 180);
        Assert.Equal("cancelled", (string)job["state"]!);
        Assert.Empty(Directory.EnumerateFiles(_pictures.Folder, "*.safetensors*"));
    }

    [Fact]
    public async Task AProjectOfAnotherFolderIsTold()
    {
        await using (LabelService service = await LabelService.StartAsync(_pictures))
            await MarkAsync(service);
        using var other = new Pictures(count: 1);
        var improvement = new PocketSamLabellingImprovement(
            new PocketSamLabellingOptions { Folder = other.Folder, Project = _pictures.Project }, LabelService.Model);
        IOException problem = await Assert.ThrowsAsync<IOException>(() => improvement.RunAsync(new FineTuningOptions()));
        Assert.Contains("none of the 12 pictures that are done lies in", problem.Message);
        problem = await Assert.ThrowsAsync<IOException>(() => improvement.RunAsync(new FineTuningOptions(), Path.Combine(other.Folder, "no", "model.safetensors")));
        Assert.Contains("the improved model could not be written there", problem.Message);
        problem = await Assert.ThrowsAsync<IOException>(() => new PocketSamLabellingImprovement(
            new PocketSamLabellingOptions { Folder = other.Folder }, LabelService.Model).RunAsync(new FineTuningOptions()));
        Assert.Contains("there is no such project", problem.Message);
        Assert.Throws<IOException>(improvement.Accept);
        Assert.Throws<IOException>(improvement.GoBack);
    }

    [Fact]
    public async Task TheVerbDoesTheSame()
    {
        await using (LabelService service = await LabelService.StartAsync(_pictures))
            await MarkAsync(service);
        string model = _pictures["nano.safetensors"];
        Safetensors.Write(model, [.. LabelService.Model.Model.State.ToStored(DataType.Float32)], LabelService.Model.Model.Metadata());
        (int code, string text, string errors) = await RunAsync("improve", _pictures.Folder, "--model", model, "--minutes", "1", "--json", "-");
        Assert.True(code == 0, errors);
        JsonObject report = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(12, (int)report["learned"]! + report["pictures"]!.AsArray().Count);
        Assert.Equal((bool)report["better"]!, report["output"] is not null);

        Offer();
        (code, text, errors) = await RunAsync("improve", _pictures.Folder, "--model", model, "--back");
        Assert.Equal((1, "pocketsam: the model from before is in use already"), (code, errors.Trim()));
        (code, _, errors) = await RunAsync("improve", Path.Combine(_pictures.Folder, "none.db"), "--model", model);
        Assert.Equal(1, code);
        Assert.Contains("none.db: there is no such project", errors);
        (code, _, _) = await RunAsync("improve", _pictures.Folder, "--accept", "--output", "x.safetensors");
        Assert.Equal(2, code);
    }

    /// <summary>Runs the command line.</summary>
    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "PocketSam.Cli.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Writes a model that is offered, as a job that found a better one does.</summary>
    private void Offer()
    {
        SamModel other = SamModel.Create(ModelZoo.Nano, seed: 2);
        Dictionary<string, string> metadata = other.Metadata();
        metadata[ModelFiles.OriginKey] = ModelFiles.OriginOf(LabelService.Model);
        Safetensors.Write(new ModelFiles(_pictures.Project).Offered, [.. other.State.ToStored(DataType.Float32)], metadata);
    }

    private static async Task PredictAsync(LabelService service, JsonObject picture, HttpStatusCode expected)
    {
        HttpStatusCode status = HttpStatusCode.Conflict;
        await LabelService.Until(async () =>
        {
            using HttpResponseMessage response = await service.Client.PostAsync(
                $"api/v1/images/{picture["imageId"]}/predict",
                new StringContent("""{"objects":[{"points":[{"x":30,"y":30,"label":1}]}]}""", System.Text.Encoding.UTF8, "application/json"));
            return (status = response.StatusCode) != HttpStatusCode.Conflict;
        });
        Assert.Equal(expected, status);
    }

    /// <summary>An object in each picture, and each is done.</summary>
    private static async Task MarkAsync(LabelService service)
    {
        foreach (JsonNode? picture in (await service.GetAsync("pictures"))["pictures"]!.AsArray())
        {
            int seed = int.Parse(Path.GetFileNameWithoutExtension((string)picture!["name"]!));
            (int x, int y, int side) = Place(seed);
            await service.ChangeAsync(
                (long)picture["id"]!, 0, LabelService.Add(LabelService.Mask(x, y, side, side)), """{"op":"state","state":"done"}""");
        }
    }

    private static (int X, int Y, int Side) Place(int seed)
    {
        var random = new Random(seed);
        return (random.Next(5, 50), random.Next(5, 25), random.Next(15, 30));
    }

    private void Draw(string name, int seed)
    {
        (int left, int top, int side) = Place(seed);
        var image = new RgbImage(Pictures.Width, Pictures.Height);
        for (int y = 0; y < Pictures.Height; y++)
        {
            for (int x = 0; x < Pictures.Width; x++)
            {
                bool isInside = x >= left && x < left + side && y >= top && y < top + side;
                image.Pixels.AsSpan((y * Pictures.Width + x) * 3, 3).Fill((byte)(isInside ? 200 - seed : 40 + seed));
            }
        }

        ImageFile.Write(_pictures[name], image);
    }
}
