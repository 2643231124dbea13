namespace PocketSam.Tests.Segmentation;

public sealed class PromptTests
{
    private static readonly ImageGeometry Geometry = ImageGeometry.For(200, 100, 128);

    [Fact]
    public void Prompts_are_not_changed_by_what_is_added_to_them()
    {
        Prompt point = Prompt.Point(1, 2);
        Prompt both = point.WithPoint(3, 4, isForeground: false).WithBox(0, 0, 10, 20);

        Assert.Equal([new PromptPoint(1, 2)], point.Points);
        Assert.Null(point.BoundingBox);
        Assert.Equal([new PromptPoint(1, 2), new PromptPoint(3, 4, IsForeground: false)], both.Points);
        Assert.Equal(new PromptBox(0, 0, 10, 20), both.BoundingBox);
        Assert.Equal(new PromptBox(5, 6, 8, 10), Prompt.Box(new PixelBox(5, 6, 3, 4)).BoundingBox);
    }

    [Fact]
    public void Points_are_added_in_time_that_grows_with_their_number_alone()
    {
        const int Count = 100_000;
        Prompt prompt = Prompt.Point(0, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < Count; i++)
            prompt = prompt.WithPoint(i, 1);
        Assert.Equal(Count, prompt.Points.Count);
        Assert.Equal(new PromptPoint(77, 1), prompt.Points[77]);

        // Copies of all points each time would be 120 GB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    [Theory]
    [InlineData(double.NaN, 0, "point NaN,0: coordinates must be finite numbers")]
    [InlineData(0, double.NegativeInfinity, "point 0,-Infinity: coordinates must be finite numbers")]
    public void Points_that_are_no_numbers_are_refused(double x, double y, string message)
        => Assert.Equal(message, Assert.Throws<PromptException>(() => Prompt.Point(x, y)).Message);

    [Theory]
    [InlineData(1, 2, 1, 9, "box 1,2,1,9: has no area")]
    [InlineData(1, 2.5, 8, 2.5, "box 1,2.5,8,2.5: has no area")]
    [InlineData(9, 2, 1, 9, "box 9,2,1,9: inside out, give left, top, right, bottom")]
    [InlineData(1, 9, 9, 2, "box 1,9,9,2: inside out, give left, top, right, bottom")]
    [InlineData(1, 2, double.NaN, 9, "box 1,2,NaN,9: edges must be finite numbers")]
    [InlineData(1, 2, double.PositiveInfinity, 9, "box 1,2,Infinity,9: edges must be finite numbers")]
    public void Boxes_that_hold_nothing_are_refused(
        double left, double top, double right, double bottom, string message)
        => Assert.Equal(message, Assert.Throws<PromptException>(() => Prompt.Box(left, top, right, bottom)).Message);

    [Theory]
    [InlineData(200, 50)]
    [InlineData(50, 100)]
    [InlineData(-0.5, 50)]
    [InlineData(50, -1)]
    public void Points_outside_the_picture_are_refused(double x, double y)
    {
        var e = Assert.Throws<PromptException>(() => Prompt.Point(5, 5).WithPoint(x, y).Validate(Geometry));

        Assert.EndsWith(": outside the picture of 200x100", e.Message);
    }

    [Theory]
    [InlineData(-9, 0, 0, 5)]
    [InlineData(0, -9, 5, -1)]
    [InlineData(200, 0, 200.5, 5)]
    [InlineData(0, 101, 5, 102)]
    public void Boxes_outside_the_picture_are_refused(double left, double top, double right, double bottom)
    {
        var e = Assert.Throws<PromptException>(() => Prompt.Box(left, top, right, bottom).Validate(Geometry));

        Assert.EndsWith(": lies outside the picture of 200x100", e.Message);
    }

    [Fact]
    public void Whole_picture_is_the_largest_box()
    {
        Prompt whole = Prompt.Box(0, 0, 200, 100).WithPoint(0, 0).WithPoint(199.9, 99);

        Assert.Null(Record.Exception(() => whole.Validate(Geometry)));
        Assert.Throws<PromptException>(() => whole.Validate(ImageGeometry.For(199, 100, 128)));
        Assert.Throws<PromptException>(() => whole.Validate(ImageGeometry.For(200, 99, 128)));
    }

    [Fact]
    public void Logits_of_another_size_are_refused()
    {
        Prompt prompt = Prompt.Point(5, 5).WithMask(new MaskLogits(64, new float[64 * 64].AsSpan()));

        var e = Assert.Throws<PromptException>(() => prompt.Validate(Geometry));
        Assert.Equal("previous logits of 64x64: a picture encoded at 128 pixels takes 32x32", e.Message);
    }

    [Fact]
    public void Logits_must_be_a_square_of_finite_numbers()
    {
        Assert.Throws<ArgumentException>(() => new MaskLogits(4, new float[15].AsSpan()));
        Assert.Throws<ArgumentException>(() => new MaskLogits(1, [float.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaskLogits(0, []));
    }
}
