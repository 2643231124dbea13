namespace PocketSam.Packages.Tests;

/// <summary>Programs that carry all they need.</summary>
[Collection(FeedCollection.Name)]
[Trait("Category", "Slow")]
public sealed class PublishTests(Feed feed)
{
    private const string Program = """
        using PocketSam;
        using PocketSam.Imaging;

        using ImageEmbedding photo = Sam.Default.Encode(ImageFile.Read("room.jpg"));
        Mask best = Sam.Default.Predict(photo, Prompt.Point(398, 144)).Best;
        Console.WriteLine($"{best.Area} pixels");
        """;

    [Fact]
    public void SingleFile_Trimmed_Segments() => Segments(
        "trimmed", "-p:PublishTrimmed=true", "-p:PublishSingleFile=true", "-p:SelfContained=true",
        "-p:IncludeNativeLibrariesForSelfExtract=true");

    [Fact]
    public void AheadOfTime_Segments()
    {
        Requirement.SkipWhenMissing(!HasLinker(), "neither clang nor gcc is here, which link what is compiled ahead of time");
        Segments("ahead", "-p:PublishAot=true");
    }

    /// <summary>On Windows the SDK looks for its own.</summary>
    private static bool HasLinker() => OperatingSystem.IsWindows()
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc")));

    private void Segments(string name, params string[] properties)
    {
        feed.CreateProject(name, "Microsoft.NET.Sdk", ["PocketSam.Imaging"], [("Program.cs", Program)]);
        (string program, string output) = feed.Publish(name, properties);

        Assert.DoesNotContain("warning IL", output, StringComparison.Ordinal);
        Assert.Matches(@"^\d+ pixels\s*$", Shell.Run(feed.Samples, feed.Environment, program));
    }
}
