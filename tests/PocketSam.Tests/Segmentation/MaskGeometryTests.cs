using PocketSam.Models;
using PocketSam.Segmentation;

namespace PocketSam.Tests.Segmentation;

/// <summary>Pictures, mask prompts and masks of any size lie at the same places.</summary>
public sealed class MaskGeometryTests
{
    /// <summary>Width, height, input size.</summary>
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 1, 1, 64 }, { 1, 2000, 128 }, { 2000, 1, 128 }, { 7, 5, 1024 }, { 641, 427, 1024 }, { 427, 641, 256 },
        { 2145, 1960, 256 }, { 1023, 3, 64 }, { 65, 64, 64 }, { 300, 299, 1024 },
    };

    [Theory]
    [InlineData(641, 427, 1024)]
    [InlineData(427, 641, 256)]
    [InlineData(2145, 1960, 512)]
    [InlineData(100, 99, 1024)]
    [InlineData(1000, 37, 1024)]
    public void Mask_prompts_come_back_without_a_shift(int width, int height, int size)
    {
        var geometry = ImageGeometry.For(width, height, size);
        var upsampler = new MaskUpsampler(geometry);
        double pixelsPerValue = Math.Max(width, height) * 4.0 / size;
        foreach ((double x, double y) in (ReadOnlySpan<(double, double)>)[(0.3, 0.4), (0.7, 0.6), (0.5, 0.5)])
        {
            var mask = new BinaryMask(width, height);
            mask.Fill(new PixelBox(
                (int)(x * width) - width / 5, (int)(y * height) - height / 5, 2 * (width / 5), 2 * (height / 5)));

            BinaryMask back = upsampler.Run([MaskLogits.From(mask, geometry)])[0].Bits;

            // Each edge to within half a value of the low resolution, the middle far closer.
            PixelBox a = mask.Bounds, b = back.Bounds;
            int slack = (int)Math.Ceiling(pixelsPerValue / 2);
            Assert.InRange(b.X, a.X - slack, a.X + slack);
            Assert.InRange(b.Y, a.Y - slack, a.Y + slack);
            Assert.InRange(b.Right, a.Right - slack, a.Right + slack);
            Assert.InRange(b.Bottom, a.Bottom - slack, a.Bottom + slack);
            (double cx, double cy) = Centre(mask);
            (double bx, double by) = Centre(back);
            double limit = Math.Max(0.3, pixelsPerValue / 4);
            Assert.InRange(Math.Abs(cx - bx), 0, limit);
            Assert.InRange(Math.Abs(cy - by), 0, limit);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Corners_of_the_picture_are_corners_of_its_part_of_the_input(int width, int height, int size)
    {
        var geometry = ImageGeometry.For(width, height, size);

        PromptToken first = geometry.ToToken(0, 0, default);
        PromptToken last = geometry.ToToken(width, height, default);

        Assert.Equal((0.5f, 0.5f), (first.X, first.Y));
        Assert.Equal((geometry.ResizedWidth + 0.5f, geometry.ResizedHeight + 0.5f), (last.X, last.Y));
        Assert.Equal(size, Math.Max(geometry.ResizedWidth, geometry.ResizedHeight));
    }

    private static (double X, double Y) Centre(BinaryMask mask)
    {
        double x = 0, y = 0;
        for (int i = 0; i < mask.Width * mask.Height; i++)
        {
            if (!mask[i % mask.Width, i / mask.Width])
                continue;
            x += i % mask.Width;
            y += i / mask.Width;
        }

        return (x / mask.Area, y / mask.Area);
    }
}
