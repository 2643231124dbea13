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
    [InlineData("""{"images":[null],"annotations":[]}""", "images[0] has no 'id'")]
    [InlineData("""{"images":[{"id":1,"width":1,"height":1}],"annotations":[]}""", "image 1 has no 'file_name'")]
    [InlineData("""{"images":[{"id":1,"file_name":"a","height":1}],"annotations":[]}""", "image 1 has no 'width'")]
    [InlineData("""{"images":[{"id":1,"file_name":"a","width":1}],"annotations":[]}""", "image 1 has no 'height'")]
    [InlineData("""{"images":[{"id":1,"file_name":"a","width":0,"height":1}],"annotations":[]}""", "image 1 is 0x1")]
    [InlineData(
        """{"images":[{"id":1,"file_name":"a","width":65535,"height":65535}],"annotations":[]}""",
        "image 1 is 65535x65535")]
    [InlineData("""{"images":[IMAGE,IMAGE],"annotations":[]}""", "image 7 occurs twice")]
    public void A_bad_file_is_refused_with_the_reason(string json, string reason) => AssertRefused(json, reason);

    [Theory]
    [InlineData("[]", "without a polygon")]
    [InlineData("[[1,2,3,4,5,6,7]]", "7 coordinates, an odd number")]
    [InlineData("[[1,2,3,4,5,1e999]]", "not a finite number of pixels")]
    [InlineData("""{"size":[4,3],"counts":"<"}""", "segmentation of 3x4 (width x height) in a picture of 4x3")]
    [InlineData("""{"size":[3,4,1],"counts":"<"}""", "without a size of two numbers")]
    [InlineData("""{"counts":"<"}""", "without a size of two numbers")]
    [InlineData("""{"size":[3,4]}""", "without counts")]
    [InlineData("""{"size":[3,4],"counts":"!"}""", "character 0 is U+0021")]
    [InlineData("""{"size":[3,4],"counts":"8"}""", "add up to 8, not to the picture's 12 pixels")]
    [InlineData("""{"size":[3,4],"counts":[3,-1,10]}""", "run 1 is negative")]
    [InlineData("[[1,2,\"NaN\",4,5,6]]", "each polygon is a list of numbers")]
    [InlineData("5", "a segmentation is a list of polygons or an object")]
    [InlineData("""{"size":[3,4],"counts":{"a":[1]}}""", "counts is a string or a list of whole numbers")]
    [InlineData("""{"size":[3,4],"counts":[1.5]}""", "counts is a string or a list of whole numbers")]
    [InlineData("""{"size":"3x4","counts":"<"}""", "size is a list of two whole numbers")]
    [InlineData("[[]]", "without a polygon")]
    [InlineData("null", "has no 'segmentation'")]
    [InlineData("[[1,2,NaN,4,5,6]]", "each polygon is a list of numbers")]
    [InlineData("[[1,2,-Infinity,4,5,6]]", "each polygon is a list of numbers")]
    public void A_bad_segmentation_is_left_out_and_told_by_its_annotation(string segmentation, string reason)
    {
        CocoDataset data = Load(Annotated(segmentation).Replace(
            "}]}", """},{"id":6,"image_id":7,"segmentation":[[0,0,2,0,2,1,0,1]]}]}"""));

        Assert.Equal(6, Assert.Single(data.Images[0].Annotations).Id);
        Assert.Equal(1, data.LeftOutCount);
        string told = Assert.Single(data.LeftOut);
        Assert.StartsWith("annotation 5 (image 7): ", told);
        Assert.Contains(reason, told);
    }

    [Theory]
    [InlineData("null", "annotations[0]: has no 'image_id'")]
    [InlineData("""{"id":5}""", "annotation 5: has no 'image_id'")]
    [InlineData("""{"image_id":7}""", "annotations[0] (image 7): has no 'segmentation'")]
    [InlineData("""{"id":5,"image_id":8,"segmentation":[]}""", "annotation 5: belongs to image 8, which is not listed")]
    public void An_annotation_without_its_keys_is_left_out_and_told(string annotation, string told)
        => Assert.Equal([told], Load($$"""{"images":[IMAGE],"annotations":[{{annotation}}]}""").LeftOut);

    [Fact]
    public void Of_many_that_are_left_out_some_are_told()
    {
        CocoDataset data = Load($$"""{"images":[IMAGE],"annotations":[{{string.Join(',', Enumerable.Repeat("{}", 50))}}]}""");
        Assert.Equal((50, 20), (data.LeftOutCount, data.LeftOut.Count));
    }

    [Theory]
    [InlineData("""{"id":7.0,"file_name":"a/b.jpg","width":4.0,"height":"3"}""", "7", "5", "0")]
    [InlineData("""{"id":"x","file_name":"a/b.jpg","width":4,"height":3}""", "\"x\"", "\"7f3c-22\"", "false")]
    [InlineData("""{"id":"7","file_name":"a/b.jpg","width":4,"height":3,"flickr_url":{"a":[]}}""", "7", "null", "[1]")]
    public void Values_may_be_of_any_kind_that_can_mean_them(string image, string imageId, string id, string crowd)
    {
        CocoDataset data = Load($$"""
            {"images":[{{image}}],"annotations":[{"id":{{id}},"image_id":{{imageId}},"iscrowd":{{crowd}},"category_id":"2",
            "area":NaN,"bbox":{"x":-Infinity,"y":[Infinity]},"segmentation":[0,0,2,0,2,1,0,1]}],
            "categories":[{"id":2.0,"name":"NaN, \"Infinity\" \\"}]}
            """);

        Assert.Equal(0, data.LeftOutCount);
        CocoAnnotation annotation = Assert.Single(Assert.Single(data.Images).Annotations);
        Assert.False(annotation.IsCrowd);
        Assert.Equal("NaN, \"Infinity\" \\", annotation.Label);
        Assert.Equal([annotation.Label!], data.Classes);
        AssertPixels([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], annotation);
    }

    [Fact]
    public void Large_files_are_read_in_parts()
    {
        string annotations = string.Join(',', Enumerable.Range(1, 2000).Select(i => $$"""
            {"id":"{{i}}","image_id":7,"iscrowd":[1,{"a":[2]}],"category_id":{"a":1},"area":NaN,
            "segmentation":{{(i % 2 == 0 ? """{"size":[3,4],"extra":{"a":[1]},"counts":[0,12]}""" : "{\"size\":\"no\",\"a\":[1]}")}}}
            """));

        CocoDataset data = Load($$"""{"images":[IMAGE],"annotations":[{{annotations}}]}""");

        Assert.Equal((1000, 1000), (data.LeftOutCount, data.Images[0].Annotations.Count));
    }

    [Fact]
    public void Polygons_that_are_some_stay_where_others_are_not()
        => AssertPixels(
            [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            Assert.Single(Load(Annotated("[[1,2,3,4],[0,0,2,0,2,1,0,1],[]]")).Images[0].Annotations));

    [Fact]
    public void Without_a_list_of_annotations_there_are_none()
        => Assert.Empty(Assert.Single(Load("""{"images":[IMAGE]}""").Images).Annotations);

    [Fact]
    public void Categories_without_a_number_are_no_error()
        => Assert.Equal(["a", "b"], Load("""{"images":[IMAGE],"categories":[{"name":"a"},{"id":"","name":"b"}]}""").Classes);

    [Theory]
    [InlineData("""{"images":[1]}""")]
    [InlineData("""{"images":{"a":1}}""")]
    [InlineData("""{"images":[IMAGE],"annotations":"none"}""")]
    public void No_message_names_a_type_of_this_program(string json)
        => Assert.DoesNotContain("System.", AssertRefused(json, "a value of another kind at $."));

    [Fact]
    public void Words_of_Python_may_lie_across_the_ends_of_what_is_read()
    {
        using var folder = new TemporaryFolder();
        for (int length = 65_440; length < 65_540; length++)
        {
            string path = folder.Write("data.json", $$"""
                {"pad":"{{new string('x', length)}}","a":[NaN,-Infinity,Infinity,-1],"images":[{{Image}}]}
                """);
            Assert.Single(CocoDataset.Load(path).Images);
        }
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
        Assert.Contains("EXIF", Assert.Throws<DataFormatException>(() => image.ReadPicture(_ => new RgbImage(3, 4))).Message);
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

    private static CocoDataset Load(string json)
    {
        using var folder = new TemporaryFolder();
        return CocoDataset.Load(folder.Write("data.json", json.Replace("IMAGE", Image)));
    }

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
