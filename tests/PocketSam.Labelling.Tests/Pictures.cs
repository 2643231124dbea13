using PocketSam.Imaging;

namespace PocketSam.Labelling.Tests;

/// <summary>A folder of small pictures, each of its own content; removed afterwards.</summary>
internal sealed class Pictures : IDisposable
{
    public const int Width = 90, Height = 60;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-label-");

    public Pictures(int count = 3)
    {
        for (int i = 1; i <= count; i++)
            Add($"{i}.png", seed: i);
    }

    public string Folder => _folder.FullName;

    public string Project => this[PocketSamLabellingOptions.DefaultFileName];

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public void Add(string name, int seed)
    {
        var image = new RgbImage(Width, Height);
        new Random(seed).NextBytes(image.Pixels);
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        ImageFile.Write(this[name], image);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
