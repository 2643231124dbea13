using PocketSam.Imaging;
using PocketSam.Models;

namespace PocketSam.Cli.Tests;

/// <summary>A folder with a tiny model, a picture and a data set; removed afterwards.</summary>
public sealed class Workplace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-");

    public Workplace()
    {
        SamModel model = SamModel.Create(ModelZoo.Nano, seed: 1);
        Safetensors.Write(Model, model.State.ToStored(DataType.Float32), model.Metadata());
        new Random(1).NextBytes(Image.Pixels);
        ImageFile.Write(Photo, Image);

        var mask = new BinaryMask(Image.Width, Image.Height);
        mask.Fill(new PixelBox(10, 5, 50, 40));
        CocoWriter.Write(Data, [new AnnotatedPicture(Path.GetFileName(Photo), Image.Width, Image.Height, [new Annotation(mask)])]);
        Start = Files;
    }

    public RgbImage Image { get; } = new(90, 60);

    public string Model => this["nano.safetensors"];

    public string Photo => this["photo.png"];

    public string Data => this["data.json"];

    public string Folder => _folder.FullName;

    /// <summary>What was there before a test did anything.</summary>
    public string[] Start { get; }

    public string[] Files => [.. _folder.GetFileSystemInfos().Select(file => file.Name).Order()];

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
