using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public class ClickSimulatorTests
{
    private static readonly BinaryMask Empty = new(20, 12);

    [Fact]
    public void The_first_click_is_in_the_middle_of_the_object()
    {
        Assert.Equal(new Click(6, 5, IsForeground: true), ClickSimulator.First(Box(4, 3, 5, 5)));
        Assert.Null(ClickSimulator.First(Empty));
    }

    [Fact]
    public void A_missed_region_gets_a_foreground_click()
    {
        BinaryMask truth = Box(0, 0, 15, 5);
        Assert.Equal(new Click(12, 2, IsForeground: true), ClickSimulator.Next(Box(0, 0, 10, 5), truth));
        Assert.Equal(ClickSimulator.First(truth), ClickSimulator.Next(Empty, truth));
    }

    [Fact]
    public void A_wrong_region_gets_a_background_click()
        => Assert.Equal(new Click(12, 2, IsForeground: false), ClickSimulator.Next(Box(0, 0, 15, 5), Box(0, 0, 10, 5)));

    [Fact]
    public void The_deeper_error_is_clicked_not_the_larger()
    {
        // Missed: the upper row, 1 deep. Wrong: a block of 3x3, 2 deep.
        BinaryMask truth = Box(0, 0, 20, 1);
        Assert.Equal(new Click(5, 7, IsForeground: false), ClickSimulator.Next(Box(4, 6, 3, 3), truth));
    }

    [Fact]
    public void Of_equally_deep_errors_the_wrong_one_is_clicked()
        => Assert.Equal(new Click(11, 1, IsForeground: false), ClickSimulator.Next(Box(10, 0, 3, 3), Box(0, 0, 3, 3)));

    [Fact]
    public void Nothing_is_clicked_where_nothing_is_wrong()
    {
        BinaryMask truth = Box(1, 2, 3, 4);
        Assert.Null(ClickSimulator.Next(truth.Clone(), truth));
        Assert.Null(ClickSimulator.Next(Empty, Empty));
    }

    [Fact]
    public void Every_click_lies_in_an_error_of_its_kind()
    {
        var random = new Random(2);
        for (int i = 0; i < 200; i++)
        {
            BinaryMask truth = RandomBoxes(random), prediction = RandomBoxes(random);
            if (ClickSimulator.Next(prediction, truth) is not { } click)
            {
                Assert.True(truth.ContentEquals(prediction));
                continue;
            }

            Assert.Equal(click.IsForeground, truth[click.X, click.Y]);
            Assert.NotEqual(click.IsForeground, prediction[click.X, click.Y]);
        }
    }

    private static BinaryMask RandomBoxes(Random random)
    {
        BinaryMask mask = Box(random.Next(10), random.Next(6), random.Next(1, 11), random.Next(1, 7));
        mask.UnionWith(Box(random.Next(10), random.Next(6), random.Next(1, 11), random.Next(1, 7)));
        return mask;
    }

    private static BinaryMask Box(int x, int y, int width, int height)
        => Baselines.Box(20, 12, new PixelBox(x, y, width, height));
}
