using System.Buffers.Binary;
using System.Numerics;
using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// PNG. Sample values are kept as stored: 1, 2 and 4 bits are widened, 16 bits scaled by <see cref="SampleScale"/>,
/// alpha is dropped without compositing, gamma and colour profiles are ignored.
/// </summary>
internal sealed class PngDecoder : SkiaDecoder
{
    private const int BitDepthOffset = 24;
    private const int ColorTypeOffset = 25;
    private const int InterlaceOffset = 28;
    private const int HeaderEnd = PngChunks.SignatureLength + PngChunks.Overhead + PngChunks.HeaderLength;
    private const int ColorFlag = 2;
    private const int AlphaFlag = 4;

    /// <summary>Largest ratio of decompressed to compressed bytes in Deflate (zlib.net/zlib_tech.html).</summary>
    private const long MaxDeflateRatio = 1032;

    protected override string Format => "PNG";

    protected override SKEncodedImageFormat SkiaFormat => SKEncodedImageFormat.Png;

    /// <summary>Bits per sample, from a valid header.</summary>
    public static int BitDepth(ReadOnlySpan<byte> png) => png[BitDepthOffset];

    /// <summary>PNG's colour type, from a valid header.</summary>
    public static int ColorType(ReadOnlySpan<byte> png) => png[ColorTypeOffset];

    /// <summary>Whether the picture is interlaced in seven passes.</summary>
    public static bool IsInterlaced(ReadOnlySpan<byte> png) => png[InterlaceOffset] != 0;

    /// <summary>
    /// The alpha of each pixel, in all three channels of an upright picture; null if every pixel is opaque.
    /// </summary>
    /// <param name="source">A PNG of at most 8 bits per sample that has been decoded without error.</param>
    public unsafe RgbImage? DecodeAlpha(PictureSource source)
    {
        PictureHeader header = ReadHeader(source);
        if ((source.Bytes[ColorTypeOffset] & AlphaFlag) == 0 && !HasChunk(source.Bytes, "tRNS"u8))
            return null;
        var alpha = new RgbImage(header.Width, header.Height);
        bool isOpaque = true;
        fixed (byte* data = source.Bytes)
        {
            using SKCodec codec = Open(source, data, source.Bytes.Length);
            SKImageInfo info = Stored(alpha);
            using NativeBuffer pixels = Decode(source, codec, info);
            for (int y = 0; y < alpha.Height; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice((long)y * info.RowBytes, info.RowBytes);
                for (int x = 0; x < alpha.Width; x++)
                {
                    byte value = row[4 * x + 3];
                    isOpaque &= value == byte.MaxValue;
                    alpha.Pixels.AsSpan(3 * (y * alpha.Width + x), 3).Fill(value);
                }
            }
        }

        return isOpaque ? null : Orientation.Upright(alpha, header.Orientation);
    }

    public override PictureHeader ReadHeader(PictureSource source)
    {
        ReadOnlySpan<byte> png = source.Bytes;
        if (png.Length < HeaderEnd)
            throw source.Error("truncated PNG");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(png[16..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(png[20..]);
        if (!png[8..].StartsWith<byte>([0, 0, 0, PngChunks.HeaderLength, .. "IHDR"u8])
            || width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw source.Error("damaged PNG (bad header)");
        }

        // Skia does not read a PNG's orientation.
        return new PictureHeader((int)width, (int)height, ReadOrientation(png));
    }

    protected override bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith(PngChunks.Signature);

    protected override void RequireData(PictureSource source, PictureHeader header, ImageReadOptions options)
    {
        int channels = source.Bytes[ColorTypeOffset] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        long row = 1 + ((long)header.Width * channels * BitDepth(source.Bytes) + 7) / 8;
        if (row * header.Height > MaxDeflateRatio * source.Bytes.Length)
            throw source.Error("truncated PNG");
        RequireChunks(source);
    }

    protected override void DecodePixels(
        PictureSource source, RgbImage stored, ImageReadOptions options, CancellationToken cancellation)
    {
        if (BitDepth(source.Bytes) == SampleScale.FullBits)
        {
            bool isColor = (source.Bytes[ColorTypeOffset] & ColorFlag) != 0;
            int bits = isColor
                ? DecodeDeepColor(source, stored, options.SampleBits, cancellation)
                : DecodeDeepGray(source, stored, options.SampleBits);
            SampleScale.Report(source.Name, stored.Pixels, bits, options.Notice);
            cancellation.ThrowIfCancellationRequested();
        }
        else
        {
            base.DecodePixels(source, stored, options, cancellation);
        }
    }

    protected override ImageFormatException Failure(PictureSource source, SKCodecResult result)
        => source.Error($"damaged PNG ({Reason(result)})");

    private unsafe int DecodeDeepGray(PictureSource source, RgbImage stored, int? wanted)
    {
        byte[] png = DeepPng.WithBytesApart(source.Bytes);
        fixed (byte* data = png)
        {
            using SKCodec codec = Open(source, data, png.Length);
            using NativeBuffer pixels = Decode(source, codec, Stored(stored));
            return DeepPng.Join(pixels, (source.Bytes[ColorTypeOffset] & AlphaFlag) == 0, stored, wanted);
        }
    }

    private unsafe int DecodeDeepColor(
        PictureSource source, RgbImage stored, int? wanted, CancellationToken cancellation)
    {
        if (wanted is null)
            base.DecodePixels(source, stored, new ImageReadOptions(), cancellation);

        // The high bytes of all samples show how many bits the largest sample needs.
        int bits = wanted ?? 8 + 32 - BitOperations.LeadingZeroCount((uint)Greatest(stored.Pixels));
        byte[] png = DeepPng.AsLinear(source.Bytes);
        using SKColorSpace space = DeepPng.StretchedAndExchanged(bits);
        fixed (byte* data = png)
        {
            using SKCodec codec = Open(source, data, png.Length);
            SKImageInfo info = Stored(stored).WithColorSpace(space);
            using NativeBuffer pixels = Decode(source, codec, info);
            Pack(pixels, info, PixelLayout.Bgra, stored);
        }

        return bits;
    }

    private static byte Greatest(ReadOnlySpan<byte> samples)
    {
        byte greatest = 0;
        foreach (byte sample in samples)
            greatest = Math.Max(greatest, sample);
        return greatest;
    }

    private static bool HasChunk(ReadOnlySpan<byte> png, ReadOnlySpan<byte> wanted)
    {
        ReadOnlySpan<byte> rest = png[PngChunks.SignatureLength..];
        while (PngChunks.TryRead(ref rest, out ReadOnlySpan<byte> chunk))
        {
            if (PngChunks.Type(chunk).SequenceEqual(wanted))
                return true;
        }

        return false;
    }

    private static int ReadOrientation(ReadOnlySpan<byte> png)
    {
        ReadOnlySpan<byte> rest = png[PngChunks.SignatureLength..];
        while (PngChunks.TryRead(ref rest, out ReadOnlySpan<byte> chunk))
        {
            if (PngChunks.Type(chunk).SequenceEqual("eXIf"u8))
                return Exif.ReadOrientation(PngChunks.Data(chunk));
        }

        return Orientation.Normal;
    }

    /// <summary>
    /// Requires a complete file without unknown critical chunks: Skia skips chunks it does not know and does not miss a
    /// missing end.
    /// </summary>
    private static void RequireChunks(PictureSource source)
    {
        ReadOnlySpan<byte> rest = source.Bytes[PngChunks.SignatureLength..];
        while (PngChunks.TryRead(ref rest, out ReadOnlySpan<byte> chunk))
        {
            ReadOnlySpan<byte> type = PngChunks.Type(chunk);
            if (type.SequenceEqual("IEND"u8))
                return;
            if (PngChunks.IsCritical(chunk)
                && !(type.SequenceEqual("IHDR"u8) || type.SequenceEqual("PLTE"u8) || type.SequenceEqual("IDAT"u8)))
            {
                throw source.Error("damaged PNG (an unknown critical chunk)");
            }
        }

        throw source.Error("truncated PNG");
    }
}
