using System.Diagnostics;
using System.Net;

namespace PocketSam.Packages.Tests;

/// <summary>The two lines in a plain ASP.NET Core application.</summary>
[Collection(FeedCollection.Name)]
public sealed class WebTests(Feed feed)
{
    private const string Listening = "Now listening on: ";

    [Fact]
    public async Task Applications_OfTheDocuments_Serve()
    {
        Snippet[] snippets = [.. Snippet.All.Where(snippet => snippet.IsWeb)];
        Assert.True(snippets.Length >= 3, $"only {snippets.Length} applications in the documents");
        string program = SnippetPrograms.Build(feed, "web", "Microsoft.NET.Sdk.Web", ["PocketSam.Server", "PocketSam.Labelling"], snippets);
        for (int i = 0; i < snippets.Length; i++)
            await ServesAsync(program, i, snippets[i]);
    }

    private async Task ServesAsync(string program, int number, Snippet snippet)
    {
        var address = new TaskCompletionSource<Uri>();
        var environment = new Dictionary<string, string>(feed.Environment) { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" };
        using Process process = Shell.Start(feed.Samples, environment, "dotnet", [program, $"{number}"], line =>
        {
            int start = line.IndexOf(Listening, StringComparison.Ordinal);
            if (start >= 0)
                address.TrySetResult(new Uri(line[(start + Listening.Length)..].Trim()));
        });
        try
        {
            Uri url = await address.Task.WaitAsync(TimeSpan.FromMinutes(2));
            using var client = new HttpClient { BaseAddress = url };
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/segment/healthz")).StatusCode);
            Assert.Contains("default", await client.GetStringAsync("/segment/api/v1/info"), StringComparison.Ordinal);
            Assert.Contains("<html", await client.GetStringAsync("/segment/"), StringComparison.Ordinal);
            using var photo = new ByteArrayContent(File.ReadAllBytes(Path.Combine(feed.Samples, "room.jpg")));
            HttpResponseMessage uploaded = await client.PostAsync("/segment/api/v1/images?name=room.jpg", photo);
            Assert.True(uploaded.StatusCode == HttpStatusCode.Accepted, $"{snippet}: {uploaded.StatusCode}");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }
}
