namespace PocketSam.Tests.Masks.Coco;

public class CocoDatasetTests
{
    private const string Image = """{"id":7,"file_name":"a/b.jpg","width":4,"height":3}""";

    [Fact]
    public void Every_kind_of_segmentation_is_read()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("data.json", """
            {
              "info": {"any": [1, {"thing": null}]},
              "images": [{"id":7,"file_name":"a/b.jpg","width":4,"height":3},
                         {"id":3,"file_name":"c.png","width":5,"height":2,"license":"4"}],
              "annotations": [
                {"id":900100000001,"image_id":7,"segmentation":[[0,0,2,0,2,1,0,1],[3,2,4,2,4,3,3,3]],"iscrowd":0},
                {"id":2,"image_id":7,"segmentation":{"size":[3,4],"counts":"0333"}, "iscrowd":1},
                {"id":3,"image_id":3,"segmentation":{"counts":[2,1,7],"size":[2,5],"extra":{"a":[1]}}}
              ]
            }
            """);

        CocoDataset data = CocoDataset.Load(path);

        Assert.Equal([7, 3], data.Images.Select(image => image.Id));
        Assert.Equal(folder["a/b.jpg"], data.Images[0].Path);
        Assert.Equal((4, 3), (data.Images[0].Width, data.Images[0].Height));
        CocoAnnotation[] annotations = [.. data.Images.SelectMany(image => image.Annotations)];
        Assert.Equal([900100000001, 2, 3], annotations.Select(annotation => annotation.Id));
        Assert.Equal([false, true, false], annotations.Select(annotation => annotation.IsCrowd));
        AssertPixels([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], annotations[0]);
        AssertPixels([1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1], annotations[1]);
        AssertPixels([0, 1, 0, 0, 0, 0, 0, 0, 0, 0], annotations[2]);
    }

    [Theory]
    [InlineData("", "not COCO instance JSON")]
    [InlineData("null", "holds only null")]
    [InlineData("""{"images":[""", "not COCO instance JSON")]
    [InlineData("[]", "not COCO instance JSON")]
    [InlineData("""{"annotations":[]}""", "no list 'images'")]
    [InlineData("""{"images":[],"annotations":[]}""", "the list of images is empty")]
    [InlineData("""{"images":[IMAGE]}""", "no list 'annotations'")]
    [InlineData("""{"images":[null],"annotations":[]}""", "images[0] has no 'id'")]
    [InlineData("""{"images":[{"id":1,"width":1,"height":1}],"annotations":[]}""", "image 1 has no 'file_name'")]
    [InlineData("""{"images":[{"id":1,"file_name":"a","height":1}],"annotations":[]}""", "image 1 has no 'width'")]
    [InlineData("""{"images":[{"id":1,"file_name":"a","width":1}],"annotations":[]}""", "image 1 has no 'height'")]
    [InlineData("""{"images":[{"id":1,"file_name":"a","width":0,"height":1}],"annotations":[]}""", "image 1 is 0x1")]
    [InlineData(
        """{"images":[{"id":1,"file_name":"a","width":65535,"height":65535}],"annotations":[]}""",
        "image 1 is 65535x65535")]
    [InlineData("""{"images":[IMAGE,IMAGE],"annotations":[]}""", "image 7 occurs twice")]
    [InlineData("""{"images":[{"id":"x"}],"annotations":[]}""", "$.images[0].id")]
    [InlineData("""{"images":[IMAGE],"annotations":[null]}""", "annotations[0] has no 'id'")]
    [InlineData("""{"images":[IMAGE],"annotations":[{"id":5}]}""", "annotation 5 has no 'image_id'")]
    [InlineData("""{"images":[IMAGE],"annotations":[{"id":5,"image_id":7}]}""", "annotation 5 has no 'segmentation'")]
    [InlineData("""{"images":[IMAGE],"annotations":[{"id":5,"image_id":8,"segmentation":[]}]}""",
        "annotation 5 belongs to image 8, which is not listed")]
    public void A_bad_file_is_refused_with_the_reason(string json, string reason) => AssertRefused(json, reason);

    [Theory]
    [InlineData("[]", "without a polygon")]
    [InlineData("[[1,2,3,4,5,6,7]]", "7 coordinates, an odd number")]
    [InlineData("[[1,2,3,4,5,6],[1,2]]", "1 points, fewer than 3")]
    [InlineData("[[1,2,3,4,5,1e999]]", "not a finite number of pixels")]
    [InlineData("""{"size":[4,3],"counts":"<"}""", "segmentation of 3x4 (width x height) in a picture of 4x3")]
    [InlineData("""{"size":[3,4,1],"counts":"<"}""", "without a size of two numbers")]
    [InlineData("""{"counts":"<"}""", "without a size of two numbers")]
    [InlineData("""{"size":[3,4]}""", "without counts")]
    [InlineData("""{"size":[3,4],"counts":"!"}""", "character 0 is U+0021")]
    [InlineData("""{"size":[3,4],"counts":"8"}""", "add up to 8, not to the picture's 12 pixels")]
    [InlineData("""{"size":[3,4],"counts":[3,-1,10]}""", "run 1 is negative")]
    [InlineData("[[1,2,\"NaN\",4,5,6]]", "each polygon is a list of numbers")]
    [InlineData("[1,2,3,4,5,6]", "each polygon is a list of numbers")]
    [InlineData("5", "a segmentation is a list of polygons or an object")]
    [InlineData("""{"size":[3,4],"counts":{"a":[1]}}""", "counts is a string or a list of whole numbers")]
    [InlineData("""{"size":[3,4],"counts":[1.5]}""", "counts is a string or a list of whole numbers")]
    [InlineData("""{"size":"3x4","counts":"<"}""", "size is a list of two whole numbers")]
    public void A_bad_segmentation_is_refused_by_its_annotation(string segmentation, string reason)
    {
        string message = AssertRefused(Annotated(segmentation), reason);
        Assert.Contains("annotation 5 (image 7): ", message);
    }

    [Fact]
    public void A_bare_NaN_is_refused_by_its_place()
    {
        string message = AssertRefused(Annotated("[[1,2,NaN,4,5,6]]"), "'N' is an invalid start of a value");
        Assert.Contains("$.annotations[0].segmentation", message);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = new TemporaryFolder();
        var exception = Assert.Throws<DataFormatException>(() => CocoDataset.Load(folder["none.json"]));
        Assert.Equal($"{folder["none.json"]}: there is no such file", exception.Message);
        Assert.Equal(folder["none.json"], exception.Path);
        Assert.Contains("no such file", Assert.Throws<DataFormatException>(
            () => CocoDataset.Load(folder["no/folder.json"])).Message);
        Assert.Contains("a folder; give the COCO file in it", Assert.Throws<DataFormatException>(
            () => CocoDataset.Load(folder["."])).Message);
    }

    [Fact]
    public void A_picture_is_read_by_the_reader_given_and_must_have_the_size_stated()
    {
        using var folder = new TemporaryFolder();
        var image = new CocoImage(9, folder.Write("p.jpg", ""), 4, 3, []);
        var picture = new RgbImage(4, 3);
        Assert.Same(picture, image.ReadPicture(path => path == image.Path ? picture : throw new IOException(path)));

        Assert.Contains("the picture is 3x4, but the data set states 4x3 for image 9",
            Assert.Throws<DataFormatException>(() => image.ReadPicture(_ => new RgbImage(3, 4))).Message);
        CocoImage absent = image with { Path = folder["q.jpg"] };
        Assert.Contains("q.jpg: the picture of image 9 is missing",
            Assert.Throws<DataFormatException>(() => absent.ReadPicture(_ => picture)).Message);
    }

    [Fact]
    public void Damaged_files_either_load_or_throw_DataFormatException()
    {
        using var folder = new TemporaryFolder();
        string whole = Annotated("""{"size":[3,4],"counts":"331L7"}""");
        var random = new Random(1);
        for (int i = 0; i < 1500; i++)
        {
            char[] text = whole.ToCharArray();
            text[random.Next(text.Length)] = "0159[]{},:\"-e.NO\\ \u00e9"[random.Next(19)];
            string path = folder.Write("data.json", new string(text)[..random.Next(text.Length / 2, text.Length + 1)]);
            try
            {
                foreach (CocoAnnotation annotation in CocoDataset.Load(path).Images.SelectMany(p => p.Annotations))
                    annotation.Decode();
            }
            catch (DataFormatException)
            {
            }
        }
    }

    private static string Annotated(string segmentation)
        => """{"images":[IMAGE],"annotations":[{"id":5,"image_id":7,"segmentation":SEGMENTATION}]}"""
            .Replace("IMAGE", Image).Replace("SEGMENTATION", segmentation);

    private static string AssertRefused(string json, string reason)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("bad.json", json.Replace("IMAGE", Image));
        string message = Assert.Throws<DataFormatException>(() => CocoDataset.Load(path)).Message;
        Assert.StartsWith(path + ": ", message);
        Assert.Contains(reason, message);
        return message;
    }

    private static void AssertPixels(byte[] expected, CocoAnnotation annotation)
        => Assert.Equal(expected, annotation.Decode().ToBytes());
}
