using PocketSam.Imaging.Exports;

namespace PocketSam.Imaging.Tests.Exports;

public sealed class MaskPictureTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(9, 5)]
    [InlineData(131, 67)]
    public void StencilsHoldTheMaskInOneBit(int width, int height)
    {
        var mask = new BinaryMask(width, height);
        var random = new Random(width);
        for (int i = 0; i < width * height; i++)
            mask[i % width, i / width] = random.Next(2) == 0;
        byte[] png = MaskPicture.EncodeStencil(mask).ToArray();
        const int BitDepthOffset = 24;
        Assert.Equal(1, png[BitDepthOffset]);
        RgbImage read = ImageFile.Decode(png, "stencil");
        byte[] white = [.. Enumerable.Range(0, width * height).Select(i => read.Pixels[3 * i])];
        Assert.True(BinaryMask.FromBytes(width, height, white).ContentEquals(mask));

        // The transparency of the palette: the first entry is clear, the second one is opaque by default.
        int transparency = png.AsSpan().IndexOf("tRNS"u8);
        Assert.True(transparency > 0);
        Assert.Equal(0, png[transparency + 4]);
    }

    [Fact]
    public void EmptyMasksAndOtherSizesAreRefused()
    {
        Rle empty = Rle.Encode(new BinaryMask(4, 3));
        Assert.Throws<ArgumentException>(() => MaskPicture.EncodeCutout(empty, new RgbImage(4, 3)));
        Assert.Throws<ArgumentException>(() => MaskPicture.EncodeCutout(empty, new RgbImage(3, 4)));
    }

    [Fact]
    public void SizesAreReadFromMemory()
    {
        byte[] png = ImageFile.EncodePng(new RgbImage(7, 5));
        Assert.Equal((7, 5), ImageFile.ReadSize(png, "a"));
        Assert.True(ImageFile.HasSignature(png.AsSpan(0, ImageFile.SignatureLength)));
        Assert.False(ImageFile.HasSignature("hello, world"u8));
        Assert.False(ImageFile.HasSignature([]));
        Assert.Equal("b: not a JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture", Assert.Throws<ImageFormatException>(
            () => ImageFile.ReadSize("hello, world"u8, "b")).Message);
        Assert.Equal("c: empty file", Assert.Throws<ImageFormatException>(() => ImageFile.ReadSize([], "c")).Message);
    }
}
