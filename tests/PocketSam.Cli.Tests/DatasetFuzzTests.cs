using PocketSam.Datasets;

namespace PocketSam.Cli.Tests;

/// <summary>Damaged data sets are read as far as they go, or refused by an <see cref="IOException"/>, in no time.</summary>
public sealed class DatasetFuzzTests : IDisposable
{
    private const int Rounds = 400;

    private const string Cvat = """
        <?xml version="1.0"?><annotations><meta><task><labels><label><name>cat</name></label></labels></task></meta>
        <image id="0" name="photo.png" width="90" height="60"><polygon label="cat" points="10.5,5.0;50,5;50,40" group_id="1"/>
        <mask label="cat" rle="2, 3, 1, 4" left="3" top="4" width="5" height="2"/><box label="cat" xtl="1"/></image></annotations>
        """;

    private const string LabelStudio = """
        [{"data":{"image":"/data/upload/1/0123abcd-photo.png"},"annotations":[{"was_cancelled":false,"result":[{"type":"polygonlabels",
        "original_width":90,"original_height":60,"value":{"points":[[10,10],[50,10],[50,60]],"polygonlabels":["c\u00e4t"]}},{"type":
        "brushlabels","original_width":2,"original_height":1,"value":{"brushlabels":["x"],"rle":[0,0,0,8,57,27,255,0,63,255,128]}}]}]}]
        """;

    private static readonly byte[] Spare = [0, 9, (byte)'"', (byte)'<', (byte)'{', (byte)'[', (byte)',', (byte)'-', (byte)'9', (byte)'e', (byte)'\\', 255];

    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("cvat", "set.xml")]
    [InlineData("labelstudio", "set.json")]
    [InlineData("labelme", "set/photo.json")]
    [InlineData("yolo", "set/labels/photo.txt")]
    [InlineData("yolo", "set/data.yaml")]
    [InlineData("coco", "set.json")]
    [InlineData("masks", "set/photo/photo-mask-0000.png")]
    [InlineData("masks", "set/photo.png")]
    public void Damage_is_told_or_left_out(string format, string file)
    {
        Make(format, file);
        DatasetFormat reader = DatasetFormat.All.Single(f => f.Name == format);
        string set = file.StartsWith("set/", StringComparison.Ordinal) ? _place["set"] : _place[file];
        var images = new PictureIndex(_place["pictures"]);
        byte[] whole = File.ReadAllBytes(_place[file]);
        Assert.NotEmpty(reader.Read(new DatasetReading(set, images, prefersImages: false, [])).SelectMany(picture => picture.Annotations));
        var random = new Random(7);
        for (int i = 0; i < Rounds; i++)
        {
            byte[] bytes = [.. whole];
            for (int change = random.Next(1, 4); change > 0; change--)
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : Spare[random.Next(Spare.Length)];
            File.WriteAllBytes(_place[file], random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            try
            {
                foreach (LabelledPicture picture in reader.Read(new DatasetReading(set, images, prefersImages: false, [])))
                    Assert.All(picture.Annotations, a => Assert.True(a.Area > 0 && a.Segmentation.Width == picture.Width));
            }
            catch (IOException)
            {
                // One clear error.
            }
        }
    }

    private void Make(string format, string file)
    {
        Directory.CreateDirectory(_place["pictures"]);
        File.Copy(_place.Photo, _place["pictures/photo.png"]);
        switch (format)
        {
            case "cvat":
                File.WriteAllText(_place[file], Cvat);
                break;
            case "labelstudio":
                File.WriteAllText(_place[file], LabelStudio);
                break;
            case "coco":
                File.Copy(_place.Data, _place[file]);
                break;
            case "masks" when file == "set/photo.png":
                Directory.CreateDirectory(_place["set"]);
                File.WriteAllBytes(_place[file], new Imaging.Tests.PngBuilder(4, 2, 8, Imaging.Tests.PngBuilder.Palette)
                    .Chunk("PLTE", 0, 0, 0, 9, 9, 9, 8, 8, 8).Rows([0, 1, 1, 2], [0, 0, 2, 2]).End());
                break;
            default:
                Shell.Run(
                    "convert-data", _place.Data, _place["set"], "--images", _place["pictures"], "--format", format == "masks" ? "mask" : format)
                    .Succeeded();
                break;
        }
    }
}
