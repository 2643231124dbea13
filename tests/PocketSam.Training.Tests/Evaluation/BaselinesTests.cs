using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public class BaselinesTests(ITestOutputHelper output)
{
    private const int MinArea = 1024;

    // Sums of a few hundred ratios of whole numbers: only the third decimal, as quoted, is compared.
    private const double Rounding = 0.0005;

    // The data's README does not say which 200, 100 and 150 masks it measured. They seem to have been drawn with their
    // edge pixels included, as the areas stated for polygons are; these are all masks, drawn as pycocotools does.
    private const double ReadmeTolerance = 0.03;

    [Fact]
    public void The_box_is_filled()
    {
        var box = new PixelBox(2, 1, 5, 3);
        BinaryMask mask = Baselines.Box(9, 6, box);
        Assert.Equal((15, box), (mask.Area, mask.Bounds));
    }

    [Fact]
    public void The_ellipse_holds_the_pixels_whose_centres_lie_in_it()
    {
        for (int width = 1; width <= 40; width++)
        {
            for (int height = 1; height <= 12; height++)
            {
                BinaryMask mask = Baselines.Ellipse(45, 15, new PixelBox(3, 2, width, height));
                for (int y = 0; y < 15; y++)
                {
                    for (int x = 0; x < 45; x++)
                    {
                        double across = (2 * (x - 3) + 1 - width) / (double)width;
                        double down = (2 * (y - 2) + 1 - height) / (double)height;
                        double square = across * across + down * down;
                        if (Math.Abs(square - 1) > 1e-9)
                            Assert.True(mask[x, y] == square < 1, $"{width}x{height} at {x}, {y}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("coco", 301, 0.576, 0.602)]
    [InlineData("cats", 179, 0.571, 0.622)]
    [InlineData("facade", 1760, 0.760, 0.720)]
    public void All_masks_of_a_data_set_give_these_means(string name, int count, double box, double ellipse)
    {
        BinaryMask[] masks = LargeMasks(name);
        Assert.Equal(count, masks.Length);
        AssertNear(box, Mean(masks, Baselines.Box), Rounding);
        AssertNear(ellipse, Mean(masks, Baselines.Ellipse), Rounding);
    }

    [Theory]
    [InlineData("coco", 200, 0.562, 0.590)]
    [InlineData("cats", 100, 0.596, 0.644)]
    [InlineData("facade", 150, 0.750, 0.711)]
    public void The_means_are_near_those_of_the_README(string name, int count, double box, double ellipse)
    {
        BinaryMask[] masks = LargeMasks(name);
        foreach (BinaryMask[] chosen in (BinaryMask[][])[masks[..count], masks])
        {
            output.WriteLine(
                $"{name}, {chosen.Length} masks: box {Mean(chosen, Baselines.Box):F3} (README {box:F3}), "
                + $"ellipse {Mean(chosen, Baselines.Ellipse):F3} (README {ellipse:F3})");
        }

        AssertNear(box, Mean(masks, Baselines.Box), ReadmeTolerance);
        AssertNear(ellipse, Mean(masks, Baselines.Ellipse), ReadmeTolerance);
    }

    private static BinaryMask[] LargeMasks(string name)
        =>
        [
            .. CocoDataset.Load(SharedData.Require($"{name}/val.json")).Images
                .SelectMany(image => image.Annotations)
                .Where(annotation => !annotation.IsCrowd)
                .Select(annotation => annotation.Decode())
                .Where(mask => mask.Area >= MinArea),
        ];

    private static void AssertNear(double expected, double actual, double tolerance)
        => Assert.InRange(actual, expected - tolerance, expected + tolerance);

    private static double Mean(BinaryMask[] masks, Func<int, int, PixelBox, BinaryMask> predict)
    {
        var accumulator = new IouAccumulator();
        foreach (BinaryMask mask in masks)
            accumulator.Add(predict(mask.Width, mask.Height, mask.Bounds).Iou(mask));
        return accumulator.ToResult().MeanIou;
    }
}
