using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public class BackgroundPointTests
{
    private static readonly Click Middle = new(50, 30, IsForeground: true);

    [Theory]
    [InlineData(1)]
    [InlineData(12.5)]
    [InlineData(25)]
    [InlineData(40)]
    [InlineData(57)]
    public void It_lies_outside_of_the_object_at_the_distance(double distance)
    {
        BinaryMask truth = Object(new PixelBox(50, 0, 50, 60));
        HashSet<Click> drawn = [];
        for (ulong seed = 0; seed < 200; seed++)
        {
            Click point = BackgroundPoint.Draw(truth, Middle, distance, seed)!.Value;
            Assert.Equal(point, BackgroundPoint.Draw(truth, Middle, distance, seed));
            Assert.False(point.IsForeground);
            Assert.InRange(point.X, 0, 49);
            Assert.InRange(point.Y, 0, 59);
            Assert.InRange(Math.Sqrt(Math.Pow(point.X - Middle.X, 2) + Math.Pow(point.Y - Middle.Y, 2)), distance - 0.5, distance + 0.5);
            drawn.Add(point);
        }

        Assert.True(drawn.Count > 1);
    }

    [Fact]
    public void There_is_none_beyond_the_picture_or_within_the_object()
    {
        Assert.Null(BackgroundPoint.Draw(Object(new PixelBox(40, 20, 20, 20)), Middle, 60, seed: 1));
        Assert.Null(BackgroundPoint.Draw(Object(new PixelBox(20, 0, 80, 60)), Middle, 20, seed: 1));
    }

    /// <summary>100 x 60 pixels.</summary>
    private static BinaryMask Object(PixelBox box)
    {
        var mask = new BinaryMask(100, 60);
        mask.Fill(box);
        return mask;
    }
}
