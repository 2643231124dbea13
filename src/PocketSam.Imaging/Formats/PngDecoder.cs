using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SkiaSharp;
using PocketSam.Segmentation;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// PNG. Sample values are taken as they are: 1, 2 and 4 bits widened, 16 bits scaled by <see cref="SampleScale"/>, alpha
/// dropped without compositing, gamma and colour profiles ignored.
/// </summary>
internal sealed class PngDecoder : SkiaDecoder
{
    private const int SignatureBytes = 8;
    private const int ChunkOverhead = 12;
    private const int BitDepthOffset = 24;
    private const int ColorTypeOffset = 25;
    private const int HeaderEnd = 33;

    /// <summary>Bytes that a byte of Deflate's data stands for at most (zlib's own documents).</summary>
    private const long MaxDeflateRatio = 1032;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    protected override string Format => "PNG";

    protected override SKEncodedImageFormat SkiaFormat => SKEncodedImageFormat.Png;

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

    protected override void RequireData(PictureSource source, PictureHeader header, ImageReadOptions options)
    {
        int channels = source.Bytes[ColorTypeOffset] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        long row = 1 + ((long)header.Width * channels * BitDepth(source.Bytes) + 7) / 8;
        if (row * header.Height > MaxDeflateRatio * source.Bytes.Length || !HasEnd(source.Bytes))
            throw source.Error("truncated PNG");
    }

    protected override unsafe void DecodePixels(
        PictureSource source, RgbImage stored, ImageReadOptions options, CancellationToken cancellation)
    {
        fixed (byte* data = source.Bytes)
        {
            using SKCodec codec = Open(source, data, source.Bytes.Length);
            DecodeWhole(source, codec, stored);
            cancellation.ThrowIfCancellationRequested();
            if (BitDepth(source.Bytes) == SampleScale.FullBits)
            {
                int bits = Stretch(source, codec, stored, options.SampleBits);
                SampleScale.Tell(source.Name, stored.Pixels, bits, options.Notice);
            }
        }

        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Its data end before its end does: the length of a chunk is wrong, or rows are missing.</summary>
    protected override ImageFormatException Failure(PictureSource source, SKCodecResult result)
        => source.Error(HasEnd(source.Bytes) ? $"damaged PNG ({Reason(result)})" : "truncated PNG");

    /// <summary>
    /// Reads 16-bit samples again where they use fewer bits than that, and returns how many they use. Skia hands them out
    /// as floats of 11 significant bits: of a stretched sample that is more than its 8 bits need.
    /// </summary>
    private unsafe int Stretch(PictureSource source, SKCodec codec, RgbImage stored, int? wanted)
    {
        // Samples that need all bits are those that became 128 or more.
        bool isFull = stored.Pixels.AsSpan().IndexOfAnyInRange((byte)128, byte.MaxValue) >= 0;
        if (wanted == SampleScale.FullBits || wanted is null && isFull)
            return SampleScale.FullBits;

        SKImageInfo info = Stored(stored, SKColorType.RgbaF16);
        using var memory = new NativeBuffer(info.BytesSize64);
        SKCodecResult result = codec.GetPixels(info, (nint)memory.Pointer);
        if (result != SKCodecResult.Success)
            throw Failure(source, result);
        int bits = wanted ?? BitsOf(memory, stored);
        for (int y = 0; y < stored.Height; y++)
        {
            ReadOnlySpan<Half> from = Row(memory, info, y);
            Span<byte> to = stored.Pixels.AsSpan(3 * y * stored.Width, 3 * stored.Width);
            for (int i = 0; i < to.Length; i++)
                to[i] = SampleScale.ToByte(Sample(from[i / 3 * 4 + i % 3]), bits);
        }

        return bits;
    }

    private static int BitsOf(NativeBuffer memory, RgbImage stored)
    {
        SKImageInfo info = Stored(stored, SKColorType.RgbaF16);
        int greatest = 0;
        for (int y = 0; y < stored.Height; y++)
        {
            ReadOnlySpan<Half> row = Row(memory, info, y);
            for (int i = 0; i < row.Length; i += 4)
                greatest = Math.Max(greatest, Sample(Half.Max(row[i], Half.Max(row[i + 1], row[i + 2]))));
        }

        // 4095 is not among the floats, and 4096 is: what the last of 11 bits may have added is taken off.
        return SampleScale.BitsOf(greatest - (greatest >> 11));
    }

    private static ReadOnlySpan<Half> Row(NativeBuffer memory, SKImageInfo info, int y)
        => MemoryMarshal.Cast<byte, Half>(memory.Slice((long)y * info.RowBytes, info.RowBytes));

    private static int Sample(Half value) => (int)MathF.Round((float)value * ushort.MaxValue);

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

    private static bool HasEnd(ReadOnlySpan<byte> png)
    {
        ReadOnlySpan<byte> rest = png[SignatureBytes..];
        while (TryReadChunk(ref rest, out ReadOnlySpan<byte> chunk))
        {
            if (Type(chunk).SequenceEqual("IEND"u8))
                return true;
        }

        return false;
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
