namespace PocketSam.Packages.Tests;

/// <summary>What the documents show compiles and runs with the packages.</summary>
[Collection(FeedCollection.Name)]
public sealed class SnippetTests(Feed feed)
{
    [Fact]
    public void Programs_OfTheDocuments_CompileAndRun()
    {
        Snippet[] snippets = [.. Snippet.All.Where(snippet => !snippet.IsWeb)];
        Assert.True(snippets.Length >= 8, $"only {snippets.Length} programs in the documents");
        string program = SnippetPrograms.Build(
            feed, "snippets", "Microsoft.NET.Sdk",
            [
                "PocketSam", "PocketSam.Imaging", "PocketSam.Training", "PocketSam.Models.Quality", "PocketSam.DependencyInjection", "PocketSam.Text",
                "PocketSam.Onnx", "PocketSam.OnnxRuntime", "Microsoft.ML.OnnxRuntime/1.31.*", "Microsoft.Extensions.DependencyInjection/10.*",
            ],
            snippets);

        for (int i = 0; i < snippets.Length; i++)
            Shell.Run(feed.Samples, feed.Environment, "dotnet", program, $"{i}");
        Assert.True(File.Exists(Path.Combine(feed.Samples, "thing.png")));
        Assert.True(File.Exists(Path.Combine(feed.Samples, "street.geojson")));
        Assert.True(File.Exists(Path.Combine(feed.Samples, "mine.safetensors")));
    }
}
