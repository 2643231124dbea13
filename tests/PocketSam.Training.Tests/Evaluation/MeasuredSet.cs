using PocketSam.Models;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Evaluation;

/// <summary>Two pictures of noise with rectangles in them, and a model of random weights.</summary>
internal sealed class MeasuredSet : IDisposable
{
    public const int Width = 90;
    public const int Height = 70;

    public static readonly Sam Nano = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 3));

    public MeasuredSet()
    {
        CocoWriter.Write(Path,
        [
            new AnnotatedPicture("a.png", Width, Height, [Marked(5, 5, 30, 40, "left"), Marked(40, 10, 30, 20, "right")]),
            new AnnotatedPicture("b.png", Width, Height, [Marked(20, 20, 60, 45, "left")]),
        ]);
        foreach (string name in (string[])["a.png", "b.png"])
            Folder.Write(name, "read by nobody");
    }

    public TemporaryFolder Folder { get; } = new();

    public string Path => Folder["data.json"];

    public static PictureReader Reader { get; } = path =>
    {
        var picture = new RgbImage(Width, Height);
        new Random(path.EndsWith("a.png", StringComparison.Ordinal) ? 7 : 8).NextBytes(picture.Pixels);
        return picture;
    };

    public void Dispose() => Folder.Dispose();

    private static Annotation Marked(int x, int y, int width, int height, string label)
    {
        var mask = new BinaryMask(Width, Height);
        mask.Fill(new PixelBox(x, y, width, height));
        return new Annotation(mask) { Label = label };
    }
}
