using System.Text.Json;

namespace PocketSam.Packages.Tests;

/// <summary>The command line as a tool of .NET.</summary>
[Collection(FeedCollection.Name)]
public sealed class ToolTests(Feed feed)
{
    [Fact]
    public void Tool_IsInstalledAndSegments()
    {
        Shell.Run(
            feed[""], feed.Environment, "dotnet", "tool", "install", "PocketSam.Tool", "--version", feed.Version,
            "--tool-path", feed["tools"], "--configfile", feed["nuget.config"]);

        string program = Path.Combine(feed["tools"], OperatingSystem.IsWindows() ? "pocketsam.exe" : "pocketsam");
        string output = Shell.Run(
            feed.Samples, feed.Environment, program, "segment", "room.jpg", "--point", "398,144", "--output", "tool.png", "--json", "-");

        using JsonDocument report = JsonDocument.Parse(output);
        Assert.Equal("quality", report.RootElement.GetProperty("model").GetProperty("name").GetString());
        Assert.True(File.Exists(Path.Combine(feed.Samples, "tool.png")));
    }
}
