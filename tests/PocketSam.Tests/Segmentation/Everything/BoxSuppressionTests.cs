using PocketSam.Segmentation.Everything;

namespace PocketSam.Tests.Segmentation.Everything;

public sealed class BoxSuppressionTests
{
    [Fact]
    public void The_better_of_two_that_overlap_stays()
    {
        // Sides are differences of first and last pixel: 10x10 each, 9x10 shared, IoU 90 / 110 = 0.818.
        PixelBox[] boxes = [new(0, 0, 11, 11), new(1, 0, 11, 11), new(50, 50, 11, 11)];
        Assert.Equal([1, 2], BoxSuppression.Run(boxes, [0.5f, 0.9f, 0.7f], 0.8f));
        Assert.Equal([1, 2, 0], BoxSuppression.Run(boxes, [0.5f, 0.9f, 0.7f], 0.82f));
    }

    [Fact]
    public void What_was_dropped_drops_nothing()
    {
        PixelBox[] boxes = [new(0, 0, 11, 11), new(3, 0, 11, 11), new(6, 0, 11, 11)];
        Assert.Equal([0, 2], BoxSuppression.Run(boxes, [0.9f, 0.8f, 0.7f], 0.5f));
    }

    [Fact]
    public void Equal_scores_keep_their_order_and_lines_have_no_area()
    {
        PixelBox[] boxes = [new(0, 0, 1, 50), new(0, 0, 1, 50), new(0, 0, 11, 11), new(0, 0, 11, 11)];
        Assert.Equal([0, 1, 2], BoxSuppression.Run(boxes, [0.5f, 0.5f, 0.5f, 0.5f], 0.7f));
        Assert.Empty(BoxSuppression.Run([], [], 0.7f));
    }

    [Fact]
    public void Suppression_is_cancelled()
        => Assert.Throws<OperationCanceledException>(
            () => BoxSuppression.Run([new PixelBox(0, 0, 9, 9)], [0.5f], 0.7f, new CancellationToken(canceled: true)));
}
