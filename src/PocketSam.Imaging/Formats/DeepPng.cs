using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// PNG of 16 bits per sample. When Skia decodes to 8 bits it drops the low byte. Two rewrites of the file keep it, so
/// that samples are scaled to the nearest value: exactly where all 16 bits are used, within a ten-thousandth of a level
/// where samples are stretched.
/// </summary>
/// <remarks>
/// <para>Grey: a row of 16-bit grey has the same bytes and filters as a row of 8-bit grey with alpha, and a row of
/// 16-bit grey with alpha those of a row of RGBA. The rewritten header declares that format, so Skia returns both bytes
/// of each sample.</para>
/// <para>Colour: Skia scales 16-bit samples in floating point if it converts them to another colour space. The
/// rewritten file declares linear samples, and the target is a linear space with red and blue exchanged, because Skia
/// skips the conversion between equal spaces. The primaries of the target are scaled by the stretch.</para>
/// </remarks>
internal static class DeepPng
{
    private const int BitDepthOffset = 8;
    private const int ColorTypeOffset = 9;
    private const byte AlphaFlag = 4;
    private const byte Rgba = 6;

    // Gamma 1 as the gAMA chunk stores it: times 100,000.
    private static ReadOnlySpan<byte> LinearGamma => [0, 1, 0x86, 0xA0];

    /// <summary>
    /// Rewrites a greyscale file so that it has 8 bits, with the two bytes of a sample as separate channels.
    /// </summary>
    public static byte[] WithBytesApart(ReadOnlySpan<byte> png)
    {
        byte[] header = HeaderOf(png);
        header[BitDepthOffset] = 8;
        header[ColorTypeOffset] = (header[ColorTypeOffset] & AlphaFlag) == 0 ? AlphaFlag : Rgba;
        return Rewrite(png, header, []);
    }

    /// <summary>Rewrites a colour file without its ancillary chunks, and declares its samples linear.</summary>
    public static byte[] AsLinear(ReadOnlySpan<byte> png) => Rewrite(png, HeaderOf(png), LinearGamma);

    /// <summary>
    /// The linear colour space that scales samples of this many bits to the full range and exchanges red and blue.
    /// </summary>
    public static SKColorSpace StretchedAndExchanged(int bits)
    {
        SKColorSpaceXyz rgb = SKColorSpaceXyz.Srgb;
        float brightest = ((1 << bits) - 1) / (float)ushort.MaxValue;
        float[] bgr = new float[9];
        for (int row = 0; row < 3; row++)
        {
            for (int column = 0; column < 3; column++)
                bgr[3 * row + column] = brightest * rgb[2 - column, row];
        }

        return SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Linear, new SKColorSpaceXyz(bgr));
    }

    /// <summary>
    /// Joins the bytes of samples of a decoded <see cref="WithBytesApart"/> and scales them to 8 bits.
    /// </summary>
    /// <param name="pixels">The decoded pixels, RGBA.</param>
    /// <param name="isOpaque">Whether the file has no alpha.</param>
    /// <param name="stored">Receives the samples, equal in all three channels.</param>
    /// <param name="wanted">
    /// The number of bits that samples use, 8 to 16; null to take it from the largest sample.
    /// </param>
    /// <returns>The number of bits that samples use.</returns>
    public static int Join(NativeBuffer pixels, bool isOpaque, RgbImage stored, int? wanted)
    {
        // Without alpha in the file Skia gives (high, high, high, low) for a pixel; with alpha (high, low, alpha high,
        // alpha low).
        int low = isOpaque ? 3 : 1, rowLength = 4 * stored.Width;
        int greatest = 0;
        for (int y = 0; y < stored.Height && wanted is null; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice((long)y * rowLength, rowLength);
            for (int x = 0; x < row.Length; x += 4)
                greatest = Math.Max(greatest, row[x] << 8 | row[x + low]);
        }

        int bits = wanted ?? SampleScale.BitsOf(greatest);
        for (int y = 0; y < stored.Height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice((long)y * rowLength, rowLength);
            Span<byte> rgb = stored.Pixels.AsSpan(3 * y * stored.Width, 3 * stored.Width);
            for (int x = 0; x < stored.Width; x++)
                rgb.Slice(3 * x, 3).Fill(SampleScale.ToByte(row[4 * x] << 8 | row[4 * x + low], bits));
        }

        return bits;
    }

    private static byte[] HeaderOf(ReadOnlySpan<byte> png)
        => png.Slice(PngChunks.SignatureLength + 8, PngChunks.HeaderLength).ToArray();

    private static byte[] Rewrite(ReadOnlySpan<byte> png, ReadOnlySpan<byte> header, ReadOnlySpan<byte> gamma)
    {
        using var rewritten = new MemoryStream(png.Length + 2 * PngChunks.Overhead);
        rewritten.Write(PngChunks.Signature);
        PngChunks.Write(rewritten, "IHDR"u8, header);
        if (!gamma.IsEmpty)
            PngChunks.Write(rewritten, "gAMA"u8, gamma);
        ReadOnlySpan<byte> rest = png[(PngChunks.SignatureLength + PngChunks.HeaderLength + PngChunks.Overhead)..];
        while (PngChunks.TryRead(ref rest, out ReadOnlySpan<byte> chunk))
        {
            // Copied with its checksum, so that Skia still detects a wrong one.
            if (PngChunks.IsCritical(chunk))
                rewritten.Write(chunk);
        }

        return rewritten.ToArray();
    }
}
