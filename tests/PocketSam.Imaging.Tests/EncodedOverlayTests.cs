using PocketSam.Imaging.Tests.Exports;

namespace PocketSam.Imaging.Tests;

/// <summary>Overlays drawn run by run are those drawn from bits.</summary>
public class EncodedOverlayTests
{
    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 1, 40 }, { 40, 1 }, { 5, 64 }, { 131, 90 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Runs_are_drawn_as_bits_are(int width, int height)
    {
        var photo = new RgbImage(width, height);
        new Random(width).NextBytes(photo.Pixels);
        byte[] before = [.. photo.Pixels];
        BinaryMask[] masks = [.. MaskSamples.Noise(width, height), Blob(width, height)];
        foreach (int? outline in (int?[])[null, 0, 3])
        {
            var options = new OverlayOptions { OutlineWidth = outline, Points = [new(0, 0)] };
            RgbImage expected = Overlay.Draw(photo, masks, options);
            Fixture.AssertSame(expected, Overlay.DrawEncoded(photo, [.. masks.Select(Rle.Encode)], options));
        }

        Assert.Equal(before, photo.Pixels);
    }

    [Fact]
    public void Empty_runs_and_empty_masks_are_no_trouble()
    {
        var photo = new RgbImage(2, 2);
        Fixture.AssertSame(
            photo, Overlay.DrawEncoded(photo, [Rle.FromCounts([4], 2, 2), Rle.FromCounts([4, 0], 2, 2)]));
        Fixture.AssertSame(photo, Overlay.DrawEncoded(photo, []));
        Fixture.AssertSame(
            Overlay.DrawEncoded(photo, [Rle.FromCounts([2, 2], 2, 2)]),
            Overlay.DrawEncoded(photo, [Rle.FromCounts([0, 0, 2, 1, 0, 1], 2, 2)]));
    }

    [Fact]
    public void Masks_of_another_size_leave_the_canvas_alone()
    {
        var canvas = new RgbImage(4, 4);
        Rle full = Rle.FromCounts([0, 16], 4, 4), other = Rle.FromCounts([20], 5, 4);
        var e = Assert.Throws<ArgumentException>(() => Overlay.PaintEncoded(canvas, [full, other]));
        Assert.StartsWith("a mask of 4x5 does not fit a photo of 4x4", e.Message);
        Assert.All(canvas.Pixels, value => Assert.Equal(0, value));
    }

    private static BinaryMask Blob(int width, int height)
    {
        var mask = new BinaryMask(width, height);
        mask.Fill(new PixelBox(width / 4, height / 4, (width + 1) / 2, (height + 1) / 2));
        return mask;
    }
}
