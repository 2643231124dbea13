using System.Text.Json;

namespace PocketSam.Tests.Masks.Coco;

public class CocoWriterTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        using var folder = new TemporaryFolder();
        AnnotatedPicture[] pictures =
        [
            new(
                "images/0.png", 70, 40,
                [new(Box(70, 40, new PixelBox(3, 4, 60, 20))), new(Box(70, 40, new PixelBox(69, 39, 1, 1)))]),
            new("images/1.png", 9, 8, []),
            new("images/2.png", 5, 6, [new(Box(5, 6, new PixelBox(0, 0, 5, 6)))]),
        ];
        CocoWriter.Write(folder["out.json"], pictures);

        Assert.Equal(["out.json"], folder.Files);
        CocoDataset data = CocoDataset.Load(folder["out.json"]);
        Assert.Equal(pictures.Select(p => folder[p.Path]), data.Images.Select(image => image.Path));
        foreach ((AnnotatedPicture picture, CocoImage image) in pictures.Zip(data.Images))
        {
            Assert.Equal((picture.Width, picture.Height), (image.Width, image.Height));
            Assert.Equal(picture.Annotations.Count, image.Annotations.Count);
            foreach ((Annotation written, CocoAnnotation read) in picture.Annotations.Zip(image.Annotations))
                Assert.True(written.Segmentation.ToMask().ContentEquals(read.Decode()));
        }

        Assert.Equal([1, 2, 3], data.Images.SelectMany(image => image.Annotations).Select(annotation => annotation.Id));
    }

    [Fact]
    public void The_keys_are_those_of_COCO()
    {
        using var folder = new TemporaryFolder();
        CocoWriter.Write(folder["out.json"], [new("a.png", 16, 8, [new(Box(16, 8, new PixelBox(2, 1, 3, 4)))])]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
        Assert.Equal(
            """{"id":1,"file_name":"a.png","width":16,"height":8}""",
            json.RootElement.GetProperty("images")[0].GetRawText());
        Assert.Equal(
            """{"id":1,"image_id":1,"category_id":1,"segmentation":{"size":[8,16],"counts":"a044000g2"},"""
            + "\"area\":12,\"bbox\":[2,1,3,4],\"iscrowd\":0}",
            json.RootElement.GetProperty("annotations")[0].GetRawText());
        Assert.Equal(
            """[{"id":1,"name":"object"}]""", json.RootElement.GetProperty("categories").GetRawText());
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("out.json", "old");
        Assert.Throws<InvalidOperationException>(() => CocoWriter.Write(path, Failing()));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["out.json"], folder.Files);
    }

    private static IEnumerable<AnnotatedPicture> Failing()
    {
        yield return new AnnotatedPicture("a.png", 4, 4, []);
        throw new InvalidOperationException("the second picture is broken");
    }

    private static BinaryMask Box(int width, int height, PixelBox box)
    {
        var mask = new BinaryMask(width, height);
        mask.Fill(box);
        return mask;
    }
}
