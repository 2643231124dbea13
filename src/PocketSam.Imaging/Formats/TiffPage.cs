using BitMiracle.LibTiff.Classic;

namespace PocketSam.Imaging.Formats;

/// <summary>The description of a page's pixels in its directory.</summary>
/// <param name="Width">Width in pixels as stored.</param>
/// <param name="Height">Height in pixels as stored.</param>
/// <param name="Orientation">EXIF orientation, 1 to 8.</param>
/// <param name="Bits">Bits per sample.</param>
/// <param name="Samples">Samples per pixel.</param>
/// <param name="Photometric">The meaning of samples.</param>
/// <param name="IsPlanar">Whether each sample has its own plane.</param>
internal readonly record struct TiffPage(
    int Width, int Height, int Orientation, int Bits, int Samples, Photometric Photometric, bool IsPlanar)
{
    private const int DngVersion = 50706;

    // Largest ratio of a tile's pixels to the picture's. Small pictures may have tiles larger than themselves.
    private const int TileMargin = 4;
    private const int SmallTile = 1 << 20;

    /// <summary>Whether the page is grey or RGB of 8 or 16 bits, which <see cref="TiffSamples"/> reads.</summary>
    public bool HasPlainSamples
        => Bits is 8 or 16 && (Photometric == Photometric.RGB ? Samples >= 3 : IsGray);

    /// <summary>Whether the page is greyscale.</summary>
    public bool IsGray => Photometric is Photometric.MINISBLACK or Photometric.MINISWHITE;

    /// <summary>The current page of an open file.</summary>
    /// <exception cref="TiffException">The size or the tile size is missing or invalid.</exception>
    /// <exception cref="NotSupportedException">
    /// The page has samples of an unsupported kind, or is a camera's raw file or a preview.
    /// </exception>
    public static TiffPage Of(Tiff tiff)
    {
        int width = Value(tiff, TiffTag.IMAGEWIDTH, 0), height = Value(tiff, TiffTag.IMAGELENGTH, 0);
        if (width < 1 || height < 1)
            throw new TiffException("bad header");
        bool isPreview = (Value(tiff, TiffTag.SUBFILETYPE, 0) & (int)FileType.REDUCEDIMAGE) != 0;
        if (isPreview || tiff.GetField((TiffTag)DngVersion) is not null)
        {
            throw new NotSupportedException(
                "a camera's raw file or a TIFF that begins with a preview, which is not read; save it as JPEG or TIFF first");
        }

        int tileWidth = Value(tiff, TiffTag.TILEWIDTH, 1), tileHeight = Value(tiff, TiffTag.TILELENGTH, 1);
        if (tiff.IsTiled() && (tileWidth < 1 || tileHeight < 1
            || (long)tileWidth * tileHeight > Math.Max(SmallTile, (long)TileMargin * width * height)))
        {
            throw new TiffException("bad tiles");
        }

        int bits = Value(tiff, TiffTag.BITSPERSAMPLE, 1), samples = Value(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        var format = (SampleFormat)Value(tiff, TiffTag.SAMPLEFORMAT, (int)SampleFormat.UINT);
        if (format is not (SampleFormat.UINT or SampleFormat.VOID) || bits > 16)
        {
            throw new NotSupportedException(
                $"a TIFF of {bits}-bit {Describe(format)} samples; whole numbers of 8 and 16 bits are read");
        }

        int orientation = Value(tiff, TiffTag.ORIENTATION, 1);
        var photometric = (Photometric)Value(tiff, TiffTag.PHOTOMETRIC, (int)Photometric.MINISBLACK);
        var page = new TiffPage(
            width, height, orientation is >= 1 and <= 8 ? orientation : 1, bits, samples, photometric,
            Value(tiff, TiffTag.PLANARCONFIG, (int)PlanarConfig.CONTIG) == (int)PlanarConfig.SEPARATE);
        if (bits == 16 && !page.HasPlainSamples)
            throw new NotSupportedException("a TIFF of 16 bits that is neither grey nor RGB, which is not read");
        return page;
    }

    private static int Value(Tiff tiff, TiffTag tag, int otherwise)
        => tiff.GetFieldDefaulted(tag) is [FieldValue value, ..] ? value.ToInt() : otherwise;

    private static string Describe(SampleFormat format) => format switch
    {
        SampleFormat.IEEEFP or SampleFormat.COMPLEXIEEEFP => "float",
        SampleFormat.INT or SampleFormat.COMPLEXINT => "signed",
        _ => "whole-number",
    };
}
