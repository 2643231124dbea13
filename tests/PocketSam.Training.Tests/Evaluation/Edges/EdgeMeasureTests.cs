using PocketSam.Training.Evaluation;
using PocketSam.Training.Evaluation.Edges;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Evaluation.Edges;

public sealed class EdgeMeasureTests : IDisposable
{
    private const int Side = 64;

    private readonly TemporaryFolder _folder = new();

    public EdgeMeasureTests()
    {
        foreach (string name in (string[])["a.jpg", "b.jpg", "a_1.png", "a_2.png", "b_1.png"])
            _folder.Write(name, "read by nobody");
        Directory.CreateDirectory(_folder["maps"]);
        foreach (string name in (string[])["a.png", "b.png"])
            _folder.Write(Path.Combine("maps", name), "read by nobody");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Maps_that_are_what_people_marked_are_perfect()
    {
        MeasureReport report = Count(path => Line(10));
        Assert.Equal([1, 1], report.Tables[0].Rows[0].Values.Take(2).Select(value => Math.Round(value!.Value, 12)));
        Assert.Equal(2, report.Images);
    }

    [Fact]
    public void Lines_farther_off_than_the_bound_are_wrong()
    {
        // 0.0075 of the diagonal of 64 x 64 is 0.68 of a pixel.
        MeasureReport report = Count(path => Line(path.Contains("maps") ? 11 : 10));
        Assert.Equal([0, 0, 0], report.Tables[0].Rows[0].Values.Take(3).Select(value => value!.Value));
    }

    [Fact]
    public void Edges_of_a_model_are_found_and_counted()
    {
        MeasureReport report = EdgeMeasure.Of(
            MeasuredSet.Nano, Read(_ => Line(10)), BoundaryTruths.Load(_folder["."]), new MeasureOptions { ImageSize = 64, PointsPerSide = 3 })
            .Run(null, TestContext.Current.CancellationToken);
        Assert.Equal(("edges", "nano", 2), (report.Measure, report.Model, report.Images));
        Assert.All(report.Tables[0].Rows[0].Values.Take(3), value => Assert.InRange(value!.Value, 0, 1));
        EdgeMap map = new EdgeDetector(MeasuredSet.Nano, 3).Find(MeasuredSet.Reader("a.png"), 64, TestContext.Current.CancellationToken);
        Assert.Equal(MeasuredSet.Width * MeasuredSet.Height, map.Strengths.Length);
        Assert.All(map.Strengths, strength => Assert.InRange(strength, 0, 1));
        Assert.Equal(1, map.Strengths.Max());
    }

    [Fact]
    public void A_missing_picture_and_a_missing_map_are_named()
    {
        File.Delete(_folder[Path.Combine("maps", "b.png")]);
        Assert.Contains("there is no such map of edges", Assert.Throws<DataFormatException>(() => Count(_ => Line(10))).Message);
        File.Delete(_folder["b.jpg"]);
        Assert.Contains("no picture b.jpg", Assert.Throws<DataFormatException>(() => Count(_ => Line(10))).Message);
    }

    private MeasureReport Count(Func<string, RgbImage> map) => EdgeMeasure.Count(
        _folder["maps"], Read(map), BoundaryTruths.Load(_folder["."]), null, TestContext.Current.CancellationToken);

    private static PictureReader Read(Func<string, RgbImage> map) => path => path.EndsWith(".jpg", StringComparison.Ordinal) ? new RgbImage(Side, Side) : map(path);

    private static RgbImage Line(int row)
    {
        var picture = new RgbImage(Side, Side);
        picture.Pixels.AsSpan((row * Side + 5) * 3, 40 * 3).Fill(255);
        return picture;
    }
}
