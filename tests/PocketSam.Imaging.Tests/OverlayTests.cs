namespace PocketSam.Imaging.Tests;

public class OverlayTests
{
    private static readonly OverlayOptions NoOutline = new() { OutlineWidth = 0 };
    private static readonly OverlayOptions OutlineOnly = new() { Opacity = 0 };
    private static readonly (byte Red, byte Green, byte Blue) Grey100 = (100, 100, 100);

    [Fact]
    public void WithNothingToDraw_ThePhotoIsCopied()
    {
        RgbImage photo = Fixture.Base();

        RgbImage drawn = Overlay.Draw(photo, []);

        Fixture.AssertSame(photo, drawn);
        Assert.NotSame(photo.Pixels, drawn.Pixels);
    }

    [Fact]
    public void Painting_ChangesThePhotoItself_AndOnlyIfAllIsInOrder()
    {
        RgbImage photo = Grey(40, 30, 100), canvas = Grey(40, 30, 100);
        BinaryMask mask = Rectangle(40, 30, 10, 5, 20, 15);

        Assert.Throws<ArgumentException>(() => Overlay.Paint(canvas, [mask, new BinaryMask(1, 1)]));
        Fixture.AssertSame(photo, canvas);
        Overlay.Paint(canvas, [mask]);

        Fixture.AssertSame(Overlay.Draw(photo, [mask]), canvas);
    }

    [Fact]
    public void Mask_IsBlendedInside_AndNothingChangesOutside()
    {
        RgbImage photo = Grey(40, 30, 100);
        BinaryMask mask = Rectangle(40, 30, 10, 5, 20, 15);

        RgbImage drawn = Overlay.Draw(photo, [mask], NoOutline with { Opacity = 0.25 });

        (byte Red, byte Green, byte Blue) color = Overlay.ColorOf(0);
        for (int y = 0; y < 30; y++)
        {
            for (int x = 0; x < 40; x++)
            {
                double opacity = mask[x, y] ? 0.25 : 0;
                (byte red, byte green, byte blue) = Pixel(drawn, x, y);
                AssertClose(100 + opacity * (color.Red - 100), red);
                AssertClose(100 + opacity * (color.Green - 100), green);
                AssertClose(100 + opacity * (color.Blue - 100), blue);
            }
        }

        Assert.All(photo.Pixels, value => Assert.Equal(100, value));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void Opacity_ReachesBothEnds(double opacity)
    {
        BinaryMask mask = Rectangle(3, 3, 0, 0, 2, 2);

        RgbImage drawn = Overlay.Draw(Grey(3, 3, 100), [mask], NoOutline with { Opacity = opacity });

        Assert.Equal(opacity == 0 ? Grey100 : Overlay.ColorOf(0), Pixel(drawn, 1, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Outline_HasItsWidth_InsideTheMask(int width)
    {
        BinaryMask mask = Rectangle(40, 30, 10, 5, 29, 24);

        var options = new OverlayOptions { Opacity = 0, OutlineWidth = width };
        RgbImage drawn = Overlay.Draw(Grey(40, 30, 100), [mask], options);

        for (int y = 0; y < 30; y++)
        {
            for (int x = 0; x < 40; x++)
            {
                int depth = Math.Min(Math.Min(x - 9, 30 - x), Math.Min(y - 4, 25 - y));
                bool isOutline = depth >= 1 && depth <= width;
                Assert.Equal(isOutline ? Overlay.ColorOf(0) : Grey100, Pixel(drawn, x, y));
            }
        }
    }

    [Fact]
    public void Outline_IsNotDrawnAlongThePicturesEdge()
    {
        BinaryMask mask = Rectangle(8, 8, 0, 0, 7, 7);

        RgbImage drawn = Overlay.Draw(Grey(8, 8, 100), [mask], OutlineOnly);

        Assert.All(drawn.Pixels, value => Assert.Equal(100, value));
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(1001, 2)]
    [InlineData(3200, 4)]
    public void Outline_GrowsWithThePicture(int longSide, int expected)
    {
        BinaryMask mask = Rectangle(longSide, 1, 100, 0, 300, 0);

        RgbImage drawn = Overlay.Draw(Grey(longSide, 1, 0), [mask], OutlineOnly);

        int painted = Enumerable.Range(0, longSide).Count(x => Pixel(drawn, x, 0) != (0, 0, 0));
        Assert.Equal(2 * expected, painted);
    }

    [Fact]
    public void SmallMask_StaysVisibleOnALargeOne_WhateverTheOrder()
    {
        BinaryMask large = Rectangle(20, 20, 0, 0, 19, 19);
        BinaryMask small = Rectangle(20, 20, 5, 5, 9, 9);
        OverlayOptions solid = NoOutline with { Opacity = 1 };

        Assert.Equal(Overlay.ColorOf(1), Pixel(Overlay.Draw(Grey(20, 20, 0), [large, small], solid), 7, 7));
        Assert.Equal(Overlay.ColorOf(0), Pixel(Overlay.Draw(Grey(20, 20, 0), [small, large], solid), 7, 7));
    }

    [Fact]
    public void EmptyMask_IsNoTrouble() => Overlay.Draw(Grey(5, 5, 0), [new BinaryMask(5, 5)]);

    [Fact]
    public void Colors_AreDistinct()
    {
        var colors = Enumerable.Range(0, 12).Select(Overlay.ColorOf).ToArray();
        for (int i = 0; i < colors.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int difference = Math.Abs(colors[i].Red - colors[j].Red)
                    + Math.Abs(colors[i].Green - colors[j].Green)
                    + Math.Abs(colors[i].Blue - colors[j].Blue);
                Assert.True(difference >= 60, $"colours {j} and {i}: {colors[j]}, {colors[i]}");
            }
        }
    }

    [Fact]
    public void Points_AreDiscs_GreenOrRed_WithAWhiteBorder()
    {
        var options = new OverlayOptions { Points = [new(20, 20), new(60, 20, IsForeground: false)] };

        RgbImage drawn = Overlay.Draw(Grey(100, 40, 0), [], options);

        (byte red, byte green, _) = Pixel(drawn, 20, 20);
        Assert.True(green > 150 && red < 50);
        (red, green, _) = Pixel(drawn, 60, 20);
        Assert.True(red > 150 && green < 50);
        Assert.Contains(((byte)255, (byte)255, (byte)255), Enumerable.Range(20, 8).Select(x => Pixel(drawn, x, 20)));
        Assert.Equal((0, 0, 0), Pixel(drawn, 40, 20));
        for (int d = 0; d < 8; d++)
            Assert.Equal(Pixel(drawn, 20 - d, 20), Pixel(drawn, 20 + d, 20));
    }

    [Fact]
    public void Boxes_AreLines_TwoPixelsWide_AlongTheirInside()
    {
        RgbImage drawn = Overlay.Draw(Grey(30, 20, 0), [], new OverlayOptions { Boxes = [new(5, 4, 25, 15)] });

        for (int y = 0; y < 20; y++)
        {
            for (int x = 0; x < 30; x++)
            {
                bool inBox = x is >= 5 and <= 25 && y is >= 4 and <= 15;
                bool onLine = inBox && (x is <= 6 or >= 24 || y is <= 5 or >= 14);
                Assert.Equal(onLine, Pixel(drawn, x, y) != (0, 0, 0));
            }
        }
    }

    [Theory]
    [InlineData(-1e300, -1e300, 1e300, 1e300)]
    [InlineData(50, 50, 60, 60)]
    [InlineData(-9, -9, -5, -5)]
    [InlineData(3, 3, 3, 3)]
    [InlineData(7, 7, 2, 2)]
    public void Marks_OffThePicture_AreCutAway(double left, double top, double right, double bottom)
        => Overlay.Draw(Grey(10, 10, 0), [], new OverlayOptions
        {
            OutlineWidth = 3,
            Boxes = [new(left, top, right, bottom)],
            Points = [new(left, top), new(right, bottom)],
        });

    public static TheoryData<OverlayOptions> BadOptions => new(
        new OverlayOptions { Opacity = 1.1 },
        new OverlayOptions { Opacity = -0.1 },
        new OverlayOptions { Opacity = double.NaN },
        new OverlayOptions { OutlineWidth = -1 },
        new OverlayOptions { OutlineWidth = 101 },
        new OverlayOptions { Points = [new(double.NaN, 0)] },
        new OverlayOptions { Boxes = [new(0, 0, double.PositiveInfinity, 0)] });

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void BadOptions_AreRefused(OverlayOptions options)
        => Assert.ThrowsAny<ArgumentException>(() => Overlay.Draw(Grey(4, 4, 0), [], options));

    [Fact]
    public void MaskOfAnotherSize_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() => Overlay.Draw(Grey(4, 4, 0), [new BinaryMask(4, 5)]));
        Assert.StartsWith("a mask of 4x5 does not fit a photo of 4x4", e.Message);
    }

    private static RgbImage Grey(int width, int height, byte value)
    {
        var image = new RgbImage(width, height);
        Array.Fill(image.Pixels, value);
        return image;
    }

    private static BinaryMask Rectangle(int width, int height, int left, int top, int right, int bottom)
    {
        var mask = new BinaryMask(width, height);
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
                mask[x, y] = true;
        }

        return mask;
    }

    private static (byte Red, byte Green, byte Blue) Pixel(RgbImage image, int x, int y)
    {
        int at = 3 * (y * image.Width + x);
        return (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }

    private static void AssertClose(double expected, byte actual) => Assert.InRange(actual, expected - 1, expected + 1);
}
