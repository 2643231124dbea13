using PocketSam.Imaging;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Cli.Tests;

public sealed class SynthTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Scenes_become_a_data_set()
    {
        Directory.CreateDirectory(_place["scenes"]);

        Shell.Run(
            "synth", "--output", _place["scenes"] + Path.DirectorySeparatorChar, "--count", "3",
            "--width", "96", "--height", "64", "--seed", "5").Succeeded();

        CocoDataset data = CocoDataset.Load(Path.Combine(_place["scenes"], "annotations.json"));
        var generator = new SceneGenerator(new SceneOptions { Width = 96, Height = 64 });
        Assert.Equal(["scenes"], _place.Files.Except(_place.Start));
        Assert.Equal(3, data.Images.Count);
        for (int i = 0; i < 3; i++)
        {
            TrainingPicture expected = generator.Draw(5 + (ulong)i);
            Assert.Equal(expected.Image.Pixels, data.Images[i].ReadPicture(path => ImageFile.Read(path)).Pixels);
            Assert.Equal(
                expected.Masks.Select(mask => mask.ToBytes()),
                data.Images[i].Annotations.Select(annotation => annotation.Decode().ToBytes()));
        }
    }

    [Fact]
    public void Folder_with_something_in_it_is_left_alone()
    {
        Shell.Run("synth", "--output", _place.Folder).Failed($"{_place.Folder}: cannot be made (it is already there)");
        Shell.Run("synth", "--output", _place.Photo).Failed($"{_place.Photo}: cannot be made (it is already there)");
        Assert.Equal(_place.Start, _place.Files);
    }
}
