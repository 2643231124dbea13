using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PocketSam.Models;

namespace PocketSam.Labelling.Tests;

/// <summary>
/// A process that labels is killed (SIGKILL) at a random moment, again and again over one project: what it had acknowledged is
/// there the next time, to the pixel, and of what it had not at most one change is.
/// </summary>
public sealed class CrashTests
{
    [Fact]
    public Task NoAcknowledgedChangeIsLostByAKilledProcess() => KillAsync(times: 3);

    [Fact]
    [Trait("Category", "Slow")]
    public Task NoAcknowledgedChangeIsLostByFiftyKilledProcesses() => KillAsync(times: 50);

    private static async Task KillAsync(int times)
    {
        using var pictures = new Pictures(1);
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);
        Safetensors.Write(pictures["nano.safetensors"], model.State.ToStored(DataType.Float32), model.Metadata());
        var random = new Random(7);
        SortedDictionary<long, string> acknowledged = [];
        long version = 0;
        int inFlight = 0;
        for (int kill = 0; kill < times; kill++)
        {
            using Process process = Start(pictures, kill);
            using var client = new HttpClient { BaseAddress = new Uri(await UrlAsync(pictures, kill)) };
            JsonObject there = await PictureAsync(client);
            long found = (long)there["version"]!;
            Assert.InRange(found, version, version + 1);
            inFlight += found > version ? 1 : 0;
            Dictionary<long, string> objects = there["objects"]!.AsArray().ToDictionary(o => (long)o!["id"]!, o => o!["rle"]!.ToJsonString());
            Assert.All(acknowledged, known => Assert.Equal(known.Value, objects[known.Key]));
            Assert.InRange(objects.Count, acknowledged.Count, acknowledged.Count + 1);
            acknowledged = new SortedDictionary<long, string>(objects);
            version = found;

            // The killed one is in the middle of changes, wherever that is.
            Task end = Task.Delay(random.Next(50, 600)).ContinueWith(_ => process.Kill());
            try
            {
                for (int i = 0;; i++)
                {
                    string mask = LabelService.Mask(random.Next(60), random.Next(40), 1 + random.Next(25), 1 + random.Next(15));
                    using HttpResponseMessage response = await client.PostAsync(
                        "api/label/pictures/1/changes",
                        new StringContent(LabelService.Changes(version, LabelService.Add(mask)), Encoding.UTF8, "application/json"));
                    JsonObject answer = await LabelService.ReadAsync(response, HttpStatusCode.OK);
                    version = (long)answer["version"]!;
                    JsonNode added = answer["objects"]!.AsArray()[^1]!;
                    acknowledged.Add((long)added["id"]!, added["rle"]!.ToJsonString());
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // It was killed.
            }

            await end;
            await process.WaitForExitAsync();
        }

        Assert.True(acknowledged.Count > times / 2, $"{acknowledged.Count} changes");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{times} kills, {acknowledged.Count} changes acknowledged, none lost; {inFlight} more were kept that no answer told of");
    }

    private static Process Start(Pictures pictures, int kill)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "PocketSam.Cli.dll");
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
            ArgumentList =
            {
                program, "label", pictures.Folder, "--classes", "cat", "--port", "0", "--model", pictures["nano.safetensors"],
                "--rate", "100000", "--json", pictures[$"at-{kill}.json"],
            },
        };
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<string> UrlAsync(Pictures pictures, int kill)
    {
        string report = pictures[$"at-{kill}.json"];
        await LabelService.Until(() => Task.FromResult(File.Exists(report)));
        string page = (string)JsonNode.Parse(await File.ReadAllTextAsync(report))!["url"]!;
        return page[..^"label/".Length];
    }

    private static async Task<JsonObject> PictureAsync(HttpClient client)
    {
        JsonObject? picture = null;
        await LabelService.Until(async () =>
        {
            using HttpResponseMessage response = await client.GetAsync("api/label/pictures/1");
            picture = response.IsSuccessStatusCode ? JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject() : null;
            return picture is not null;
        });
        return picture!;
    }
}
