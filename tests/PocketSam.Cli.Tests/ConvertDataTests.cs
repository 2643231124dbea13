using System.Text.Json;
using PocketSam.Tests;

namespace PocketSam.Cli.Tests;

/// <summary>Data sets as tools write them, against what they must give (<c>golden/formats</c>).</summary>
public sealed class ConvertDataTests : IDisposable
{
    /// <summary>Curves are polygons of 360 corners here, and labelme paints borders: less of the smallest shapes.</summary>
    private const double Slack = 0.02;

    private static readonly Lazy<JsonElement> Expected = new(
        () => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Golden, "expected.json"))).RootElement);

    private readonly Workplace _place = new();

    private static string Golden => GoldenFiles.Require("formats");

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("coco", "coco", "pycocotools")]
    [InlineData("coco_cvat", "coco", "pycocotools")]
    [InlineData("coco_rle", "coco", "")]
    [InlineData("roboflow_coco", "coco", "pycocotools")]
    [InlineData("yolo_seg", "yolo", "middle")]
    [InlineData("yolo_seg_of_masks", "yolo", "middle")]
    [InlineData("labelme", "labelme", "middle")]
    [InlineData("labelme_4", "labelme", "middle")]
    [InlineData("labelme_5", "labelme", "middle")]
    [InlineData("labelme_windows", "labelme", "middle")]
    [InlineData("labelme_supervision", "labelme", "middle")]
    [InlineData("cvat", "cvat", "middle")]
    [InlineData("cvat_masks", "cvat", "")]
    [InlineData("cvat_server", "cvat", "middle")]
    [InlineData("label_studio", "labelstudio", "middle")]
    [InlineData("label_studio_brush", "labelstudio", "")]
    [InlineData("masks_objects", "masks", "")]
    [InlineData("masks_ids", "masks", "")]
    [InlineData("voc_indexed", "masks", "")]
    public void Set_gives_the_masks_it_must(string folder, string from, string rule)
    {
        JsonElement format = Format(folder);
        string input = folder == "label_studio_brush" ? $"{folder}/tasks.json" : folder;
        bool hasOwn = format.GetProperty("pictures").EnumerateObject().Any();
        JsonElement report = Convert(input, "coco", _place["out.json"], hasOwn ? [] : ["--images", Path.Combine(Golden, "pictures")]);

        Assert.Equal(from, report.GetProperty("from").GetString());
        CocoDataset data = CocoDataset.Load(_place["out.json"]);
        string compare = format.GetProperty("compare").GetString()!;
        bool isStored = format.GetProperty("frame").GetString() == "stored";
        int[] missing = [.. format.GetProperty("missing").EnumerateArray().Select(id => id.GetInt32())];
        foreach (JsonElement picture in Expected.Value.GetProperty("pictures").EnumerateArray())
        {
            string name = picture.GetProperty("file").GetString()!;
            CocoImage? image = data.Images.SingleOrDefault(
                image => Path.GetFileNameWithoutExtension(image.Name) == Path.GetFileNameWithoutExtension(name));
            if (image is null)
                continue;
            int[] size = picture.GetProperty(isStored ? "stored" : "upright").Deserialize<int[]>()!;
            Assert.Equal((size[0], size[1]), (image.Width, image.Height));
            Assert.True(File.Exists(image.Path), image.Path);
            var found = image.Annotations.Select(a => (a.Label, Mask: Rle.Encode(a.Decode()))).ToList();
            foreach (JsonElement thing in picture.GetProperty("objects").EnumerateArray())
            {
                int id = thing.GetProperty("id").GetInt32();
                if (missing.Contains(id))
                    continue;
                Rle truth = Truth(thing, compare == "visible", isStored);
                (string? label, Rle? mask) = found.Where(f => f.Label == thing.GetProperty("class").GetString())
                    .MaxBy(f => Rle.Iou(f.Mask, truth));
                Assert.True(mask is not null, $"object {id} of {name}");
                found.Remove((label, mask!));
                JsonElement iou = format.GetProperty("objects").GetProperty($"{id}");
                double least = rule.Length == 0 || iou.ValueKind == JsonValueKind.Number
                    ? 1 : iou.GetProperty("iou").GetProperty(rule).GetDouble() - Slack;
                Assert.True(Rle.Iou(mask!, truth) >= least, $"object {id} of {name}: {Rle.Iou(mask!, truth)} and not {least}");
            }

            Assert.Empty(found);
        }

        Assert.Equal(
            format.GetProperty("objects").EnumerateObject().Count(),
            data.Images.Sum(image => image.Annotations.Count));
    }

    [Fact]
    public void Masks_of_classes_give_a_mask_for_each_class()
    {
        JsonElement report = Convert("masks_classes", "coco", _place["out.json"], "--images", Path.Combine(Golden, "pictures"));
        Assert.Equal(["cat", "small cat", "Kätzchen"], report.GetProperty("classes").EnumerateArray().Select(c => c.GetString()));
        CocoDataset data = CocoDataset.Load(_place["out.json"]);
        Assert.Equal(5, data.Images.Count);
        CocoImage plain = data.Images.Single(image => image.Name.EndsWith("plain.jpg", StringComparison.Ordinal));
        Assert.Equal(["cat", "small cat", "Kätzchen"], plain.Annotations.Select(a => a.Label));
    }

    [Fact]
    public void Shapes_without_an_area_are_told()
    {
        Shell.Outcome outcome = Shell.Run(
            "convert-data", Path.Combine(Golden, "labelme_kinds"), _place["out.json"], "--format", "coco").Succeeded();
        foreach (string kind in (string[])["point", "line", "linestrip"])
            Assert.Contains($"left out: 1 shapes that are no area ({kind})", outcome.Output);
        Assert.Contains(Assert.Single(CocoDataset.Load(_place["out.json"]).Images).Annotations, a => a.Decode().Area > 500);

        outcome = Shell.Run(
            "convert-data", Path.Combine(Golden, "label_studio"), _place["boxes.json"], "--format", "coco").Succeeded();
        Assert.Contains("left out: 13 regions that are no mask (rectanglelabels)", outcome.Output);
        Assert.Contains("4 pictures were not found; --images says where they lie", outcome.Output);
    }

    [Fact]
    public void Names_in_YAML_may_be_written_with_escapes()
        => Assert.Equal(
            ["cat", "small cat", "Kätzchen"],
            Convert("yolo_seg_supervision", "yolo", _place["y"]).GetProperty("classes").EnumerateArray().Select(c => c.GetString()));

    [Theory]
    [InlineData("yolo", "")]
    [InlineData("labelme", "")]
    [InlineData("coco", ".json")]
    [InlineData("cvat", ".xml")]
    [InlineData("labelstudio", ".json")]
    [InlineData("mask", "")]
    public void What_is_written_is_read_again(string format, string extension)
    {
        Convert("cvat_masks", "coco", _place["first.json"]);
        string second = _place["second" + extension];
        string images = Path.Combine(Golden, "cvat_masks", "images");
        Shell.Run("convert-data", _place["first.json"], second, "--images", images, "--format", format, "--tolerance", "0").Succeeded();
        Shell.Run("convert-data", second, _place["third.json"], "--images", images, "--format", "coco").Succeeded();

        CocoDataset first = CocoDataset.Load(_place["first.json"]), third = CocoDataset.Load(_place["third.json"]);
        foreach (CocoImage image in first.Images.Where(image => format != "mask" || image.Annotations.Count > 0))
        {
            CocoImage again = third.Images.Single(
                other => Path.GetFileNameWithoutExtension(other.Name) == Path.GetFileNameWithoutExtension(image.Name));
            Assert.Equal(image.Annotations.Count, again.Annotations.Count);
            foreach (CocoAnnotation annotation in image.Annotations)
            {
                Assert.Contains(again.Annotations, other => (format == "mask" || other.Label == annotation.Label)
                    && other.Decode().ContentEquals(annotation.Decode()));
            }
        }
    }

    [Fact]
    public void Masks_as_numbers_show_what_lies_on_top()
    {
        Convert("cvat_masks", "coco", _place["first.json"]);
        string images = Path.Combine(Golden, "cvat_masks", "images");
        Shell.Run("convert-data", _place["first.json"], _place["ids"], "--images", images, "--format", "masks").Succeeded();
        Shell.Run("convert-data", _place["ids"], _place["again.json"], "--images", images, "--format", "coco").Succeeded();

        CocoDataset first = CocoDataset.Load(_place["first.json"]), again = CocoDataset.Load(_place["again.json"]);
        foreach (CocoImage image in first.Images)
        {
            CocoImage other = again.Images.Single(o => o.Name == image.Name);
            Assert.Equal(image.Annotations.Select(a => a.Label), other.Annotations.Select(a => a.Label));
            for (int i = 0; i < image.Annotations.Count; i++)
            {
                BinaryMask visible = image.Annotations[i].Decode();
                foreach (CocoAnnotation above in image.Annotations.Skip(i + 1))
                    visible.Subtract(above.Decode());
                Assert.True(visible.ContentEquals(other.Annotations[i].Decode()), $"{image.Name}, object {i}");
            }
        }
    }

    [Fact]
    public void Objects_under_others_are_told_where_masks_are_numbers()
    {
        _place.Write("c.json", """
            {"images":[{"id":1,"file_name":"p.png","width":90,"height":60}],"categories":[{"id":1,"name":"cat"}],
             "annotations":[{"id":1,"image_id":1,"category_id":1,"segmentation":[[1,1,9,1,9,9,1,9]]},
                            {"id":2,"image_id":1,"category_id":1,"segmentation":[[0,0,20,0,20,20,0,20]]}]}
            """u8);
        Assert.Contains("left out: 1 objects that lie wholly under later ones, the first: p.png",
            Shell.Run("convert-data", _place["c.json"], _place["ids"], "--format", "masks").Succeeded().Output);
    }

    [Fact]
    public void More_objects_than_bytes_count_have_two_bytes()
    {
        string squares = string.Join(",", Enumerable.Range(0, 300).Select(i => FormattableString.Invariant(
            $"{{\"id\":{i + 1},\"image_id\":1,\"category_id\":1,\"segmentation\":[[{i % 30 * 3},{i / 30 * 6},{i % 30 * 3 + 2},{i / 30 * 6},{i % 30 * 3 + 2},{i / 30 * 6 + 4},{i % 30 * 3},{i / 30 * 6 + 4}]]}}")));
        _place.Write("c.json", System.Text.Encoding.UTF8.GetBytes(
            "{\"images\":[{\"id\":1,\"file_name\":\"p.png\",\"width\":90,\"height\":60}],\"categories\":[{\"id\":1,\"name\":\"cat\"}],\"annotations\":[" + squares + "]}"));
        Shell.Run("convert-data", _place["c.json"], _place["ids"], "--format", "masks").Succeeded();
        Assert.Equal(Enumerable.Range(0, 301), Imaging.ImageFile.ReadIds(_place["ids/p.png"]).Values);
    }

    [Fact]
    public void Label_Studio_gets_the_configuration_of_its_labels()
    {
        Convert("cvat_masks", "labelstudio", _place["tasks.json"]);
        string configuration = File.ReadAllText(_place["tasks.label_config.xml"]);
        Assert.Equal(
            ["cat", "small cat", "Kätzchen"],
            System.Xml.Linq.XDocument.Parse(configuration).Descendants("Label").Select(label => (string)label.Attribute("value")!));
        JsonElement task = JsonDocument.Parse(File.ReadAllBytes(_place["tasks.json"])).RootElement.EnumerateArray()
            .Single(t => t.GetProperty("data").GetProperty("image").GetString()!.EndsWith("bung%2001.JPG", StringComparison.Ordinal));
        Assert.Equal("/data/local-files/?d=images/Katze%20%C3%9Cbung%2001.JPG", task.GetProperty("data").GetProperty("image").GetString());
        Shell.Run("convert-data", _place["tasks.label_config.xml"], _place["tasks.json"], "--format", "labelstudio", "--from", "cvat")
            .Failed($"{_place["tasks.label_config.xml"]}: cannot be written (it is the input)");
    }

    [Fact]
    public void Brushes_are_the_bytes_of_Label_Studios_own_tool()
    {
        static byte[] Runs(JsonElement task) => [.. task.GetProperty("annotations")[0].GetProperty("result")[0]
            .GetProperty("value").GetProperty("rle").EnumerateArray().Select(value => value.GetByte())];

        Convert("label_studio_brush/tasks.json", "labelstudio", _place["tasks.json"], "--images", Path.Combine(Golden, "pictures"));
        JsonElement own = JsonDocument.Parse(File.ReadAllBytes(_place["tasks.json"])).RootElement;
        JsonElement golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Golden, "label_studio_brush/tasks.json"))).RootElement;
        Assert.Equal(Runs(golden[0]), Runs(own[0]));
    }

    [Fact]
    public void Names_that_XML_cannot_hold_are_written_without()
    {
        _place.Write("c.json", """
            {"images":[{"id":1,"file_name":"p.png","width":90,"height":60}],"categories":[{"id":1,"name":"a\u0001<&\uD83D\uDE00"}],
             "annotations":[{"id":1,"image_id":1,"category_id":1,"segmentation":[[1,1,9,1,9,9]]}]}
            """u8);
        Shell.Run("convert-data", _place["c.json"], _place["c.xml"], "--format", "cvat").Succeeded();
        Assert.Equal("a\uFFFD<&\U0001F600", (string?)System.Xml.Linq.XDocument.Load(_place["c.xml"]).Descendants("mask").Single().Attribute("label"));
    }

    [Fact]
    public void Classes_have_the_order_that_is_said_in_all_formats()
    {
        File.WriteAllText(_place["classes.txt"], "dog\nKätzchen\n");
        string[] classes = ["--classes", _place["classes.txt"]];
        Convert("labelme", "yolo", _place["y"], classes);
        Convert("labelme", "coco", _place["c.json"], classes);

        Assert.Equal("dog\nKätzchen\ncat\nsmall cat\n", File.ReadAllText(_place["y/labels/classes.txt"]));
        Assert.Contains("names:\n  0: \"dog\"\n  1: \"Kätzchen\"\n  2: \"cat\"", File.ReadAllText(_place["y/data.yaml"]));
        Assert.Equal(["dog", "Kätzchen", "cat", "small cat"], CocoDataset.Load(_place["c.json"]).Classes);
        Assert.StartsWith("1 ", File.ReadAllLines(_place["y/labels/Katze Übung 01.txt"])[1]);
    }

    [Fact]
    public void A_picture_called_as_the_list_of_classes_is_refused()
    {
        File.Copy(_place.Photo, _place["classes.png"]);
        _place.Write("c.json", """
            {"images":[{"id":1,"file_name":"classes.png","width":90,"height":60}],"categories":[{"id":1,"name":"cat"}],
             "annotations":[{"id":1,"image_id":1,"category_id":1,"segmentation":[[1,1,9,1,9,9]]}]}
            """u8);
        Shell.Run("convert-data", _place["c.json"], _place["y"], "--format", "yolo")
            .Failed($"{_place["y"]}: classes.txt would be the result of all pictures and of classes.png");
        Assert.False(Directory.Exists(_place["y"]));
    }

    [Fact]
    public void JSON_with_a_mark_of_the_byte_order_is_read()
    {
        Directory.CreateDirectory(_place["l"]);
        _place.Write("l/photo.json", "\uFEFF{\"imagePath\":\"photo.png\",\"imageWidth\":90,\"imageHeight\":60,\"shapes\":[{\"label\":\"a\",\"points\":[[1,1],[9,1],[9,9]]}]}"u8);
        JsonElement report = JsonDocument.Parse(Shell.Run(
            "convert-data", _place["l"], _place["out.json"], "--format", "coco", "--json", "-").Succeeded().Output).RootElement;
        Assert.Equal((1, 0), (report.GetProperty("masks").GetInt32(), report.GetProperty("left_out").GetInt32()));
    }

    [Fact]
    public void A_shape_that_fails_half_way_leaves_nothing_in_its_object()
    {
        _place.Write("c.xml", """
            <annotations><image name="photo.png" width="90" height="60">
              <polygon label="a" group_id="1" points="0,0;4,0;4,4;0,4"/>
              <mask label="a" group_id="1" left="20" top="20" width="4" height="4" rle="0,8,none"/>
            </image></annotations>
            """u8);
        Shell.Run("convert-data", _place["c.xml"], _place["out.json"], "--format", "coco").Succeeded();
        Assert.Equal(new PixelBox(0, 0, 4, 4), Rle.Encode(Assert.Single(
            Assert.Single(CocoDataset.Load(_place["out.json"]).Images).Annotations).Decode()).Bounds);
    }

    [Fact]
    public void Pictures_lie_first_where_it_is_said()
    {
        Directory.CreateDirectory(_place["told"]);
        File.Copy(_place.Photo, _place["told/photo.png"]);
        Shell.Run("convert-data", _place.Data, _place["out.json"], "--format", "coco", "--images", _place["told"]).Succeeded();
        Assert.Equal(_place["told/photo.png"], Assert.Single(CocoDataset.Load(_place["out.json"]).Images).Path);
    }

    [Fact]
    public void What_cannot_be_is_refused_in_one_line()
    {
        Shell.Run("convert-data", _place["none"], _place["o.json"], "--format", "coco")
            .Failed($"{_place["none"]}: there is no such file or folder");
        Directory.CreateDirectory(_place["empty"]);
        Shell.Outcome unknown = Shell.Run("convert-data", _place["empty"], _place["o.json"], "--format", "coco");
        Assert.StartsWith($"pocketsam: {_place["empty"]}: no data set that is known (coco, yolo, labelme, cvat, labelstudio, masks)", unknown.Error);
        Shell.Run("convert-data", _place.Data, _place.Data, "--format", "coco")
            .Failed($"{_place.Data}: cannot be written (it is the input)");
        Shell.Run("convert-data", _place.Data, _place.Folder, "--format", "yolo")
            .Failed($"{_place.Folder}: cannot be made (it is already there)");
        _place.Write("bad.xml", "<annotations><image"u8);
        Assert.Contains("not XML", Shell.Run("convert-data", _place["bad.xml"], _place["o.json"], "--format", "coco").Error);
    }

    private static JsonElement Format(string name) => Expected.Value.GetProperty("formats").GetProperty(name);

    private static Rle Truth(JsonElement thing, bool isVisible, bool isStored)
    {
        JsonElement owner = isVisible && thing.TryGetProperty("visible", out JsonElement visible) ? visible : thing;
        JsonElement rle = !isStored && owner.TryGetProperty("upright", out JsonElement upright)
            ? upright.TryGetProperty("rle", out JsonElement inner) ? inner : upright : owner.GetProperty("rle");
        int[] size = rle.GetProperty("size").Deserialize<int[]>()!;
        return Rle.FromCompressed(rle.GetProperty("counts").GetString()!, size[0], size[1]);
    }

    private JsonElement Convert(string input, string format, string output, params string[] args)
        => JsonDocument.Parse(Shell.Run(
            ["convert-data", Path.Combine(Golden, input), output, "--format", format, "--json", "-", .. args]).Succeeded().Output).RootElement;
}
