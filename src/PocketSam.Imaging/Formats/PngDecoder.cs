using System.Buffers.Binary;
using PocketSam.Imaging.Native;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// PNG through libpng. Sample values are taken as they are: 1, 2 and 4 bits widened, 16 bits scaled to
/// <c>round(v / 257)</c>, alpha dropped without compositing, gamma and colour profiles ignored.
/// </summary>
/// <remarks>
/// libpng's simplified interface would apply gamma, and blend a palette's transparent entries. It cannot be told not
/// to, so it is handed the file without its ancillary chunks: only header, palette and data are left.
/// </remarks>
internal sealed class PngDecoder : PictureDecoder
{
    private const int SignatureBytes = 8;
    private const int ChunkOverhead = 12;
    private const int BitDepthOffset = 24;
    private const int ColorTypeOffset = 25;
    private const int HeaderEnd = 33;
    private const int AlphaBit = 4;

    /// <summary>Bytes that a byte of Deflate's data stands for at most (zlib's own documents).</summary>
    private const long MaxDeflateRatio = 1032;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    protected override string Format => "PNG";

    /// <summary>Bits of a sample, from a header that was found in order.</summary>
    public static int BitDepth(ReadOnlySpan<byte> png) => png[BitDepthOffset];

    public override PictureHeader ReadHeader(PictureSource source)
    {
        ReadOnlySpan<byte> png = source.Bytes;
        if (png.Length < HeaderEnd)
            throw source.Error("truncated PNG");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(png[16..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(png[20..]);
        if (!png[12..].StartsWith("IHDR"u8) || width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
            throw source.Error("damaged PNG (bad header)");
        return new PictureHeader((int)width, (int)height, ReadOrientation(png));
    }

    protected override bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    protected override void RequireData(PictureSource source, PictureHeader header)
    {
        int channels = source.Bytes[ColorTypeOffset] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        long row = 1 + ((long)header.Width * channels * BitDepth(source.Bytes) + 7) / 8;
        if (row * header.Height > MaxDeflateRatio * source.Bytes.Length)
            throw source.Error("truncated PNG");
    }

    protected override unsafe void DecodePixels(PictureSource source, PictureHeader header, Span<byte> rgb)
    {
        NativeDependency.Png.Require();
        ReadOnlySpan<byte> png = KeepCriticalChunks(source);

        // A format without alpha would make libpng blend with a background, so alpha is read too where there is any.
        bool hasAlpha = (png[ColorTypeOffset] & AlphaBit) != 0;
        Span<byte> pixels = hasAlpha ? new byte[checked(4 * header.Width * header.Height)] : rgb;
        var image = new NativePngImage { Version = NativePng.Version };
        fixed (byte* data = png, target = pixels)
        {
            try
            {
                int read = NativePng.BeginRead(&image, data, (nuint)png.Length);
                if (read != 0)
                {
                    image.Format = hasAlpha ? NativePng.FormatRgba : NativePng.FormatRgb;
                    image.Flags |= NativePng.FlagSixteenBitSrgb;
                    read = NativePng.FinishRead(&image, background: 0, target, rowStride: 0, colorMap: 0);
                }

                if (read == 0)
                    throw source.Error($"damaged PNG ({image.Message})");
            }
            finally
            {
                NativePng.Free(&image);
            }
        }

        if (hasAlpha)
            DropAlpha(pixels, rgb);
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
        }
    }

    private static int ReadOrientation(ReadOnlySpan<byte> png)
    {
        ReadOnlySpan<byte> rest = png[SignatureBytes..];
        while (TryReadChunk(ref rest, out ReadOnlySpan<byte> chunk))
        {
            if (Type(chunk).SequenceEqual("eXIf"u8))
                return Exif.ReadOrientation(chunk[8..^4]);
        }

        return Orientation.Normal;
    }

    private static ReadOnlySpan<byte> KeepCriticalChunks(PictureSource source)
    {
        byte[] kept = new byte[source.Bytes.Length];
        Signature.CopyTo(kept);
        int length = SignatureBytes;
        ReadOnlySpan<byte> rest = source.Bytes[SignatureBytes..];
        while (TryReadChunk(ref rest, out ReadOnlySpan<byte> chunk))
        {
            ReadOnlySpan<byte> type = Type(chunk);
            bool isCritical = (type[0] & 0x20) == 0;
            if (!isCritical)
                continue;
            chunk.CopyTo(kept.AsSpan(length));
            length += chunk.Length;
            if (type.SequenceEqual("IEND"u8))
                return kept.AsSpan(0, length);
        }

        throw source.Error("truncated PNG");
    }

    /// <summary>Cuts off the next chunk: length, type, data, checksum. False if it is not all there.</summary>
    private static bool TryReadChunk(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> chunk)
    {
        chunk = default;
        if (rest.Length < ChunkOverhead)
            return false;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - ChunkOverhead)
            return false;
        chunk = rest[..(ChunkOverhead + (int)length)];
        rest = rest[chunk.Length..];
        return true;
    }

    private static ReadOnlySpan<byte> Type(ReadOnlySpan<byte> chunk) => chunk.Slice(4, 4);
}
