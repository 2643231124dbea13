using System.IO.Compression;
using System.Xml.Linq;

namespace PocketSam.Packages.Tests;

/// <summary>What stands in the packages.</summary>
[Collection(FeedCollection.Name)]
public sealed class ContentTests(Feed feed)
{
    [Theory]
    [InlineData("PocketSam", "lib/net10.0/PocketSam.dll lib/net10.0/PocketSam.xml buildTransitive/PocketSam.targets")]
    [InlineData("PocketSam.Imaging", "lib/net10.0/PocketSam.Imaging.dll lib/net10.0/PocketSam.Imaging.xml")]
    [InlineData("PocketSam.Text", "lib/net10.0/PocketSam.Text.dll lib/net10.0/PocketSam.Text.xml NOTICE")]
    [InlineData("PocketSam.Training", "lib/net10.0/PocketSam.Training.dll lib/net10.0/PocketSam.Training.xml")]
    [InlineData("PocketSam.Server", "lib/net10.0/PocketSam.Server.dll lib/net10.0/PocketSam.Server.xml")]
    [InlineData("PocketSam.Datasets", "lib/net10.0/PocketSam.Datasets.dll")]
    [InlineData("PocketSam.Labelling", "lib/net10.0/PocketSam.Labelling.dll lib/net10.0/PocketSam.Labelling.xml")]
    [InlineData("PocketSam.DependencyInjection", "lib/net10.0/PocketSam.DependencyInjection.dll")]
    [InlineData("PocketSam.Onnx", "lib/net10.0/PocketSam.Onnx.dll lib/net10.0/PocketSam.Onnx.xml")]
    [InlineData("PocketSam.OnnxRuntime", "lib/net10.0/PocketSam.OnnxRuntime.dll lib/net10.0/PocketSam.OnnxRuntime.xml")]
    [InlineData("PocketSam.Mpi", "lib/net10.0/PocketSam.Mpi.dll lib/net10.0/PocketSam.Mpi.xml")]
    [InlineData("PocketSam.Models.Quality", "models/quality.safetensors buildTransitive/PocketSam.Models.Quality.targets NOTICE")]
    [InlineData("PocketSam.Tool", "tools/net10.0/any/DotnetToolSettings.xml tools/net10.0/any/models/quality.safetensors")]
    public void Package_HasWhatItShows(string id, string files)
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed.Packages, $"{id}.{feed.Version}.nupkg"));
        string[] names = [.. package.Entries.Select(entry => entry.FullName)];
        foreach (string file in files.Split(' ').Concat(["README.md", "icon.png"]))
            Assert.Contains(file, names);

        using Stream stream = package.GetEntry($"{id}.nuspec")!.Open();
        XElement metadata = XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
        Assert.Equal("Apache-2.0", Value(metadata, "license"));
        Assert.Equal("README.md", Value(metadata, "readme"));
        Assert.Equal("icon.png", Value(metadata, "icon"));
        Assert.Contains("segment-anything", Value(metadata, "tags"), StringComparison.Ordinal);
        Assert.NotEqual("Package Description", Value(metadata, "description"));
        Assert.Equal(
            id != "PocketSam.Models.Quality", File.Exists(Path.Combine(feed.Packages, $"{id}.{feed.Version}.snupkg")));
    }

    private static string Value(XElement metadata, string name)
        => metadata.Elements().Single(e => e.Name.LocalName == name).Value;
}
