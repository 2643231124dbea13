using BitMiracle.LibTiff.Classic;

namespace PocketSam.Imaging.Formats;

/// <summary>What the directory of a page says of its pixels.</summary>
/// <param name="Width">Pixels in a row as stored.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Orientation">As in EXIF.</param>
/// <param name="Bits">Bits of a sample.</param>
/// <param name="Samples">Samples of a pixel.</param>
/// <param name="Photometric">What they mean.</param>
/// <param name="IsPlanar">Whether each sample has a plane of its own.</param>
internal readonly record struct TiffPage(
    int Width, int Height, int Orientation, int Bits, int Samples, Photometric Photometric, bool IsPlanar)
{
    private const int DngVersion = 50706;

    // A tile holds what the picture has at most by this factor: small pictures have tiles that are larger than they are.
    private const int TileMargin = 4;
    private const int SmallTile = 1 << 20;

    /// <summary>Grey or RGB of 8 or 16 bits: what is read sample by sample.</summary>
    public bool HasPlainSamples
        => Bits is 8 or 16 && (Photometric == Photometric.RGB ? Samples >= 3 : IsGray);

    /// <summary>Whether brightness is the only colour.</summary>
    public bool IsGray => Photometric is Photometric.MINISBLACK or Photometric.MINISWHITE;

    /// <summary>The first page of an open file.</summary>
    /// <exception cref="TiffException">The size is missing or cannot be.</exception>
    /// <exception cref="NotSupportedException">Samples of a kind that is not read.</exception>
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
