using System.Text.Json;

namespace PocketSam.Cli.Tests;

/// <summary>Models by name; nothing is downloaded here.</summary>
public sealed class ModelsTests
{
    [Fact]
    public void All_that_can_be_had_is_listed()
    {
        string text = Shell.Run("models").Succeeded().Output;
        Assert.Contains("* default", text);
        foreach (PublishedModel model in PublishedModels.All)
            Assert.Matches($@"(?m)^[* ] {model.Name} .* {model.Megabytes} MB  input +{model.ImageSize}  {model.Licence}  {model.Source}$", text);

        using JsonDocument json = JsonDocument.Parse(Shell.Run("models", "--json", "-").Succeeded().Output);
        Assert.Equal(PublishedModels.All.Count + 2, json.RootElement.GetProperty("models").GetArrayLength());
    }

    [Fact]
    public void Names_that_are_not_here_say_how_to_get_them()
    {
        // Of the names one that no machine is likely to have pulled.
        PublishedModel model = PublishedModels.Find("tinysam_v1")!;
        Assert.SkipWhen(ModelCache.Default.PathOf(model) is not null, "it was pulled on this machine");
        Shell.Run("info", model.Name).Failed(
            $"the model 'tinysam_v1' is not here: 'pocketsam pull tinysam_v1' fetches it (41 MB, Apache-2.0), or put {model.Address} "
            + $"at {ModelCache.Default.OriginalOf(model)}");
    }

    [Fact]
    public void Backbones_find_no_masks() => Assert.Equal(
        "dinov2_vits14 is a backbone: it begins a training ('pocketsam train --init-encoder dinov2_vits14') and finds no masks",
        Assert.Throws<ArgumentException>(() => Sam.Load("dinov2_vits14")).Message);

    [Fact]
    public void Names_that_are_not_known_are_wrong_usage()
    {
        string names = string.Join(", ", PublishedModels.All.Select(model => model.Name));
        Shell.Run("pull", "sam3").Failed($"sam3: there are {names}; see 'pocketsam pull --help'", exitCode: 2);
        Shell.Run("pull", "quality").Failed(
            "quality comes with this program: there is nothing to fetch; see 'pocketsam pull --help'", exitCode: 2);
    }
}
