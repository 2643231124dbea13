using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PocketSam.Masks;

namespace PocketSam.Tests.Masks.Formats;

/// <summary>Masks come back exactly from every format, whatever their holes, parts and size.</summary>
public partial class ExportRoundTripTests
{
    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 1, 9 }, { 9, 1 }, { 5, 4 }, { 64, 7 }, { 37, 29 } };

    private static XNamespace Svg => "http://www.w3.org/2000/svg";

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Run_length_encodings(int width, int height)
    {
        BinaryMask[] masks = [.. Masks(width, height)];
        AnnotatedPicture picture = ExportSamples.Picture("x.png", masks);
        JsonElement[] found = [.. Json("coco", picture).GetProperty("annotations").EnumerateArray()];
        Assert.Equal(masks.Length, found.Length);
        foreach ((BinaryMask mask, JsonElement annotation) in masks.Zip(found))
        {
            JsonElement stored = annotation.GetProperty("segmentation");
            Assert.Equal([height, width], stored.GetProperty("size").EnumerateArray().Select(side => side.GetInt32()));
            Rle back = Rle.FromCompressed(stored.GetProperty("counts").GetString()!, height, width);
            Assert.True(mask.ContentEquals(back.ToMask()));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Yolo(int width, int height)
    {
        BinaryMask[] masks = [.. Masks(width, height).Where(mask => mask.Area > 0)];
        string[] lines = ExportSamples.Text("yolo", ExportSamples.Picture("x.png", masks), 0)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(masks.Length, lines.Length);
        foreach ((BinaryMask mask, string line) in masks.Zip(lines))
        {
            string[] words = line.Split(' ');
            Assert.Equal("0", words[0]);
            double[] ring = [.. words.Skip(1).Select(
                (word, i) => double.Parse(word, CultureInfo.InvariantCulture) * (i % 2 == 0 ? width : height))];
            Assert.True(mask.ContentEquals(PolygonRasterizer.Rasterize([ring], width, height)));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void LabelMe(int width, int height)
    {
        BinaryMask[] masks = [.. Masks(width, height)];
        ILookup<int, double[]> shapes = Json("labelme", ExportSamples.Picture("x.png", masks), 0)
            .GetProperty("shapes").EnumerateArray()
            .ToLookup(shape => shape.GetProperty("group_id").GetInt32(), shape => Flat(shape.GetProperty("points")));
        for (int i = 0; i < masks.Length; i++)
            Assert.True(masks[i].ContentEquals(ExportSamples.Fill(shapes[i], width, height)));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void GeoJson(int width, int height)
    {
        BinaryMask[] masks = [.. Masks(width, height)];
        JsonElement file = Json("geojson", ExportSamples.Picture("x.png", masks), 0);
        foreach ((BinaryMask mask, JsonElement feature) in masks.Zip(file.GetProperty("features").EnumerateArray()))
        {
            double[][] rings = [.. feature.GetProperty("geometry").GetProperty("coordinates").EnumerateArray()
                .SelectMany(polygon => polygon.EnumerateArray()).Select(Flat)];
            Assert.All(rings, ring => Assert.Equal(ring[..2], ring[^2..]));
            Assert.True(mask.ContentEquals(ExportSamples.Fill(rings, width, height)));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Drawings(int width, int height)
    {
        BinaryMask[] masks = [.. Masks(width, height)];
        XDocument file = XDocument.Parse(ExportSamples.Text("svg", ExportSamples.Picture("x.png", masks), 0));
        Dictionary<string, string> paths = file.Descendants(Svg + "path")
            .ToDictionary(path => path.Attribute("id")!.Value, path => path.Attribute("d")!.Value);
        for (int i = 0; i < masks.Length; i++)
        {
            string[] rings = paths.GetValueOrDefault($"mask-{i}", "").Split('Z', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(masks[i].ContentEquals(ExportSamples.Fill(
                rings.Select(ring => Number().Matches(ring).Select(m => double.Parse(m.Value)).ToArray()),
                width,
                height)));
        }
    }

    [Fact]
    public void A_hole_is_reached_by_a_bridge_walked_both_ways()
        => Assert.Contains(
            "\"points\":[[0,0],[1,1],[1,2],[2,2],[2,1],[1,1],[0,0],[3,0],[3,3],[0,3]]",
            ExportSamples.Text("labelme", ExportSamples.Picture("x.png", ExportSamples.HoleAndPixel), 0));

    private static IEnumerable<BinaryMask> Masks(int width, int height)
        => MaskSamples.Of(width, height).Concat(width == 5 ? [ExportSamples.HoleAndPixel] : []);

    private static JsonElement Json(string format, AnnotatedPicture picture, double tolerance = 1)
        => JsonDocument.Parse(ExportSamples.Text(format, picture, tolerance)).RootElement;

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetDouble())];

    private static double[] Flat(JsonElement points) => [.. points.EnumerateArray().SelectMany(Numbers)];

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
