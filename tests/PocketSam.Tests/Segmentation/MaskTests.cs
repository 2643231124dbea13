using PocketSam.Tests.Masks;

namespace PocketSam.Tests.Segmentation;

public class MaskTests
{
    [Fact]
    public void A_mask_measures_cuts_and_compares_itself()
    {
        Mask a = Of(MaskSamples.Parse("....", ".##.", ".##.")), b = Of(MaskSamples.Parse("....", "..##", "...."));

        Assert.Equal((4, new PixelBox(1, 1, 2, 2)), (a.Area, a.Box));
        Assert.Equal(["##", "##"], MaskSamples.Print(a.Crop()));
        Assert.Equal(["##"], MaskSamples.Print(b.Crop()));
        Assert.Equal(0.2, a.Iou(b));
        Assert.Equal(4, Assert.Single(a.ToPolygons()).Outer.Count);
    }

    [Fact]
    public void An_empty_mask_has_no_box_to_crop_to()
    {
        Mask empty = Of(new BinaryMask(3, 3));
        Assert.Equal(
            "an empty mask has no box to crop to", Assert.Throws<InvalidOperationException>(empty.Crop).Message);
        Assert.Equal(0, empty.Iou(empty));
        Assert.Empty(empty.ToPolygons());
    }

    private static Mask Of(BinaryMask bits)
        => new(bits, 0, 0, MaskLogits.From(bits, ImageGeometry.For(bits.Width, bits.Height, 64)));
}
