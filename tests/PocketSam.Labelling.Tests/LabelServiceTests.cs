using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace PocketSam.Labelling.Tests;

/// <summary><c>pocketsam label</c> as a process of its own: what it answers, and what is left when it is killed.</summary>
public sealed class LabelServiceTests : IDisposable
{
    private readonly ProjectFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Whole_way_from_the_list_to_the_zip()
    {
        using var service = await LabelService.StartAsync(_folder.Path, "--classes", "cat,dog");
        JsonElement project = await service.GetAsync("project");
        Assert.Equal(3, project.GetProperty("counts").GetProperty("pictures").GetInt32());
        Assert.Equal("cat", project.GetProperty("classes")[0].GetProperty("name").GetString());
        long picture = (await service.GetAsync("pictures")).GetProperty("pictures")[0].GetProperty("id").GetInt64();

        (HttpStatusCode status, JsonElement saved) = await service.PostAsync($"pictures/{picture}/changes", ProjectFolder.Changes(0, ProjectFolder.Adding(1, 2, 2, 9)));
        Assert.Equal((HttpStatusCode.OK, 1L), (status, saved.GetProperty("version").GetInt64()));
        (status, JsonElement conflict) = await service.PostAsync($"pictures/{picture}/changes", ProjectFolder.Changes(0, ProjectFolder.Adding(1, 2, 2, 9)));
        Assert.Equal((HttpStatusCode.Conflict, 1L), (status, conflict.GetProperty("version").GetInt64()));
        (status, JsonElement refused) = await service.PostAsync($"pictures/{picture}/changes", ProjectFolder.Changes(1, ProjectFolder.Adding(9, 2, 2, 9)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("no class 9", refused.GetProperty("detail").GetString());

        (_, JsonElement open) = await service.PostAsync($"pictures/{picture}/open", new { });
        Assert.Equal("Ann", open.GetProperty("openBy")[0].GetString());
        (status, JsonElement embed) = await service.PostAsync($"pictures/{picture}/embed", new { });
        Assert.Equal((HttpStatusCode.OK, 48), (status, embed.GetProperty("width").GetInt32()));
        (status, JsonElement undone) = await service.PostAsync($"pictures/{picture}/undo", new { baseVersion = 1 });
        Assert.Equal((HttpStatusCode.OK, 0), (status, undone.GetProperty("objects").GetArrayLength()));
        await service.PostAsync($"pictures/{picture}/redo", new { baseVersion = 2 });

        Assert.StartsWith("image/png", (await service.Http.GetAsync($"api/label/pictures/{picture}/image")).Content.Headers.ContentType!.ToString());
        Assert.StartsWith("image/jpeg", (await service.Http.GetAsync($"api/label/pictures/{picture}/thumbnail")).Content.Headers.ContentType!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, (await service.Http.GetAsync("api/label/pictures/999")).StatusCode);
        foreach ((string format, string entry) in new[] { ("coco", "instances.json"), ("labelme", "a.json"), ("yolo", "a.txt"), ("project", LabelProject.FileName) })
        {
            using var zip = new ZipArchive(new MemoryStream(await service.Http.GetByteArrayAsync($"api/label/export?format={format}")));
            Assert.Contains(entry, zip.Entries.Select(e => e.FullName));
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await service.Http.GetAsync("api/label/export?format=paper")).StatusCode);
        File.Delete(_folder["a.png"]);
        Assert.Equal(HttpStatusCode.Gone, (await service.Http.GetAsync($"api/label/pictures/{picture}/image")).StatusCode);
    }

    [Fact]
    public Task Kill_loses_nothing_that_was_acknowledged() => KillAsync(3);

    [Fact, Trait("Category", "Slow")]
    public Task Kill_at_fifty_moments_loses_nothing_that_was_acknowledged() => KillAsync(50);

    private async Task KillAsync(int times)
    {
        var random = new Random(7);
        long version = 0, picture = 1;
        int objects = 0;
        for (int i = 0; i < times; i++)
        {
            using (var service = await LabelService.StartAsync(_folder.Path, "--classes", "cat"))
            {
                var clock = Stopwatch.StartNew();
                Task? kill = null;
                try
                {
                    while (clock.Elapsed < TimeSpan.FromSeconds(30))
                    {
                        (HttpStatusCode status, JsonElement answer) = await service.PostAsync(
                            $"pictures/{picture}/changes", ProjectFolder.Changes(version, ProjectFolder.Adding(1, random.Next(30), random.Next(20), 3)));
                        Assert.True(status == HttpStatusCode.OK, $"{status}: {answer}");
                        version = answer.GetProperty("version").GetInt64();
                        objects = answer.GetProperty("objects").GetArrayLength();
                        kill ??= Task.Delay(random.Next(300)).ContinueWith(_ => service.Kill());
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // Killed in the middle of a change: it is there or it is not.
                }

                await Assert.IsType<Task>(kill, exactMatch: false);
            }

            using LabelProject project = LabelProject.Open(_folder.Path);
            OpenedDocument kept = project.Picture(picture, []);
            Assert.InRange(kept.Version - version, 0, 1);
            Assert.Equal(kept.Version - version, kept.Objects.Count - objects);
            (version, objects) = (kept.Version, kept.Objects.Count);
        }

        Assert.True(version > 0, "no change was acknowledged in all this time");
    }

    private sealed class LabelService : IDisposable
    {
        private readonly Process _process;

        private LabelService(Process process, string url)
        {
            _process = process;
            Http = new HttpClient { BaseAddress = new Uri(url[..^"label/".Length]) };
            Http.DefaultRequestHeaders.Add("X-Labeller", "Ann");
        }

        public HttpClient Http { get; }

        public static async Task<LabelService> StartAsync(string folder, params string[] arguments)
        {
            string program = Path.Combine(AppContext.BaseDirectory, "PocketSam.Cli.dll");
            var start = new ProcessStartInfo("dotnet", [program, "label", folder, "--port", "0", "--model", "default", .. arguments])
            {
                RedirectStandardOutput = true,
            };
            Process process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            string said = "";
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                said = line;
                if (line.Split(' ').FirstOrDefault(word => word.StartsWith("http", StringComparison.Ordinal)) is { } url)
                    return new LabelService(process, url);
            }

            throw new InvalidOperationException($"the service said '{said}' and ended");
        }

        public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>($"api/label/{path}");

        public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync<T>(string path, T body)
        {
            using HttpResponseMessage answer = await Http.PostAsJsonAsync($"api/label/{path}", body, JsonSerializerOptions.Web);
            string text = await answer.Content.ReadAsStringAsync();
            return (answer.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
        }

        public void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                Kill();
            _process.Dispose();
            Http.Dispose();
        }
    }
}
