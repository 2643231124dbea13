using PocketSam.Imaging.Exports;

namespace PocketSam.Imaging;

/// <summary>All mask formats, text and pictures.</summary>
public static class PictureFormats
{
    /// <summary>
    /// <see cref="MaskFormats.Text"/>, and two formats of one PNG per mask: <c>cutout</c> (the masked part of the
    /// photo, the rest transparent) and <c>mask</c> (black and white, of the picture's size).
    /// </summary>
    public static MaskFormats All { get; } = new([.. MaskFormats.Text.All, new CutoutFormat(), new BinaryMaskFormat()]);
}
