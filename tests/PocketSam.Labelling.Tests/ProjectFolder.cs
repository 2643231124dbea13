using PocketSam.Imaging;

namespace PocketSam.Labelling.Tests;

/// <summary>A folder of small pictures; removed afterwards.</summary>
internal sealed class ProjectFolder : IDisposable
{
    public const int Width = 48, Height = 32;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-label-");

    public ProjectFolder(int pictures = 3)
    {
        Directory.CreateDirectory(this["more"]);
        for (int i = 0; i < pictures; i++)
            Add(i == 2 ? "more/c.png" : $"{(char)('a' + i)}.png", i + 1);
    }

    public string Path => _folder.FullName;

    public string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    public void Add(string name, int seed)
    {
        var image = new RgbImage(Width, Height);
        new Random(seed).NextBytes(image.Pixels);
        ImageFile.Write(this[name], image);
    }

    /// <summary>The project, looked through.</summary>
    public LabelProject Open(params string[] classes)
    {
        LabelProject project = LabelProject.Open(Path, classes: classes);
        project.Scan();
        return project;
    }

    /// <summary>A mask of a square.</summary>
    public static RleDocument Square(int x, int y, int side)
    {
        var mask = new BinaryMask(Width, Height);
        mask.Fill(new PixelBox(x, y, side, side));
        return new RleDocument([Height, Width], Rle.Encode(mask).ToCompressed());
    }

    /// <summary>A change that adds a square.</summary>
    public static ChangeRequest Adding(long classId, int x, int y, int side)
        => new("add", null, new ObjectRequest(classId, Square(x, y, side), null, "brush", null), null, null);

    public static ChangesRequest Changes(long version, params ChangeRequest[] changes) => new(version, "brush", 1.5, changes);

    public void Dispose() => _folder.Delete(recursive: true);
}
