using System.Buffers.Binary;
using System.Runtime.InteropServices;
using PocketSam.Imaging.Native;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// JPEG through TurboJPEG, with the slow accurate DCT and smooth chroma upsampling: the pixels of libjpeg's defaults.
/// </summary>
internal sealed class JpegDecoder : PictureDecoder
{
    private const byte MarkerStart = 0xFF;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte App1 = 0xE1;

    protected override string Format => "JPEG";

    public override PictureHeader ReadHeader(PictureSource source)
    {
        using var session = new Session();
        return ReadHeader(source, session, out _);
    }

    protected override bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF]);

    protected override void DecodePixels(PictureSource source, PictureHeader header, Span<byte> rgb)
    {
        using var session = new Session();
        ReadHeader(source, session, out int colorSpace);
        if (colorSpace is NativeTurboJpeg.ColorSpaceCmyk or NativeTurboJpeg.ColorSpaceYcck)
        {
            byte[] cmyk = new byte[checked(4 * header.Width * header.Height)];
            Decompress(source, session, header, cmyk, NativeTurboJpeg.PixelFormatCmyk);
            ConvertFromCmyk(cmyk, rgb);
        }
        else
        {
            Decompress(source, session, header, rgb, NativeTurboJpeg.PixelFormatRgb);
        }
    }

    private static PictureHeader ReadHeader(PictureSource source, Session session, out int colorSpace)
    {
        int width = 0, height = 0, subsampling = 0;
        colorSpace = -1;
        int status = NativeTurboJpeg.DecompressHeader(
            session.Handle,
            source.Bytes,
            new CULong((nuint)source.Bytes.Length),
            ref width,
            ref height,
            ref subsampling,
            ref colorSpace);

        // The call also fails on a warning, or for an unusual chroma subsampling that decoding itself handles:
        // what counts is whether it came as far as the size and the colour space.
        if (width < 1 || height < 1 || colorSpace < 0)
            throw Damaged(source, status == 0 ? "no picture in it" : NativeTurboJpeg.GetMessage(session.Handle));
        return new PictureHeader(width, height, ReadOrientation(source.Bytes));
    }

    private static void Decompress(
        PictureSource source, Session session, PictureHeader header, Span<byte> pixels, int pixelFormat)
    {
        int status = NativeTurboJpeg.Decompress(
            session.Handle,
            source.Bytes,
            new CULong((nuint)source.Bytes.Length),
            pixels,
            header.Width,
            pitch: 0,
            header.Height,
            pixelFormat,
            NativeTurboJpeg.FlagAccurateDct | NativeTurboJpeg.FlagLimitScans);
        if (status == 0)
            return;

        string message = NativeTurboJpeg.GetMessage(session.Handle);
        if (NativeTurboJpeg.GetErrorSeverity(session.Handle) != NativeTurboJpeg.SeverityWarning)
            throw Damaged(source, message);

        // Of several warnings only the first is told, so the end is looked for here too. What else libjpeg warns of
        // (stray bytes, odd header values, a bad code in the middle) every viewer shows, and so does this.
        if (!HasEnd(source.Bytes) || message.Contains("premature end", StringComparison.OrdinalIgnoreCase))
            throw source.Error("truncated JPEG");
    }

    private static ImageFormatException Damaged(PictureSource source, string message)
        => source.Error(HasEnd(source.Bytes) ? $"damaged JPEG ({message})" : "truncated JPEG");

    private static bool HasEnd(ReadOnlySpan<byte> jpeg) => jpeg.LastIndexOf([MarkerStart, EndOfImage]) >= 0;

    /// <summary>
    /// CMYK is taken as Adobe's programs write it, marker or not, as browsers do: 255 is no ink, so a channel of RGB
    /// is its ink times black, <c>c * k / 255</c> to the nearest integer.
    /// </summary>
    private static void ConvertFromCmyk(ReadOnlySpan<byte> cmyk, Span<byte> rgb)
    {
        for (int from = 0, to = 0; from < cmyk.Length; from += 4, to += 3)
        {
            int black = cmyk[from + 3];
            rgb[to] = Scale(cmyk[from], black);
            rgb[to + 1] = Scale(cmyk[from + 1], black);
            rgb[to + 2] = Scale(cmyk[from + 2], black);
        }

        static byte Scale(int ink, int black) => (byte)((ink * black + 127) / 255);
    }

    /// <summary>Walks the segments before the first scan to the EXIF block.</summary>
    private static int ReadOrientation(ReadOnlySpan<byte> jpeg)
    {
        ReadOnlySpan<byte> rest = jpeg[2..];
        while (rest.Length >= 4 && rest[0] == MarkerStart)
        {
            byte marker = rest[1];
            if (marker == MarkerStart)
            {
                rest = rest[1..];
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (marker is StartOfScan or EndOfImage || length < 2 || length > rest.Length - 2)
                break;
            ReadOnlySpan<byte> segment = rest.Slice(4, length - 2);
            if (marker == App1 && segment.StartsWith(Exif.Prefix))
                return Exif.ReadOrientation(segment);
            rest = rest[(2 + length)..];
        }

        return Orientation.Normal;
    }

    /// <summary>A TurboJPEG decompressor: one thread, one picture.</summary>
    private sealed class Session : IDisposable
    {
        public Session()
        {
            NativeDependency.TurboJpeg.Require();
            Handle = NativeTurboJpeg.InitDecompress();
            if (Handle == 0)
                throw new OutOfMemoryException("TurboJPEG cannot start");
        }

        public nint Handle { get; }

        public void Dispose() => NativeTurboJpeg.Destroy(Handle);
    }
}
