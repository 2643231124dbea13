using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// PNG of 16 bits. Asked for 8 bits, Skia cuts the lower ones off; here they are scaled to the nearest by two detours
/// that keep them: to the last bit where all 16 are used, within a ten-thousandth of a level where they are stretched.
/// </summary>
/// <remarks>
/// <para>Grey: rows of 16-bit grey are, byte by byte and filter by filter, rows of 8-bit grey with alpha, and those with
/// alpha are rows of RGBA. The header is changed to say so, and both bytes of a sample come out.</para>
/// <para>Colour: Skia scales 16 bits in float where it converts to another colour space. The samples are said to be
/// linear, and are converted to a linear space with red and blue exchanged, for equal spaces are passed over, and as
/// bright as the stretch wants it.</para>
/// </remarks>
internal static class DeepPng
{
    private const int BitDepthOffset = 8;
    private const int ColorTypeOffset = 9;
    private const byte AlphaFlag = 4;
    private const byte Rgba = 6;

    // As PNG writes a gamma of 1: times 100,000.
    private static ReadOnlySpan<byte> LinearGamma => [0, 1, 0x86, 0xA0];

    /// <summary>A file of grey samples as one of 8 bits that holds both of their bytes.</summary>
    public static byte[] WithBytesApart(ReadOnlySpan<byte> png)
    {
        byte[] header = HeaderOf(png);
        header[BitDepthOffset] = 8;
        header[ColorTypeOffset] = (header[ColorTypeOffset] & AlphaFlag) == 0 ? AlphaFlag : Rgba;
        return Rewrite(png, header, []);
    }

    /// <summary>A file of colours without all that tells what they look like, and linear instead.</summary>
    public static byte[] AsLinear(ReadOnlySpan<byte> png) => Rewrite(png, HeaderOf(png), LinearGamma);

    /// <summary>The colour space in which linear samples of this many bits are BGR of the whole range.</summary>
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

    /// <summary>The samples of <see cref="WithBytesApart"/> as it was decoded.</summary>
    /// <param name="pixels">RGBA as Skia decodes it.</param>
    /// <param name="isOpaque">Whether the file has no alpha.</param>
    /// <param name="stored">Takes the samples.</param>
    /// <param name="wanted">The bits that samples use; null for those of the greatest one.</param>
    /// <returns>The bits that were used.</returns>
    public static int Join(NativeBuffer pixels, bool isOpaque, RgbImage stored, int? wanted)
    {
        // Grey and alpha are R G B A of which three are alike; of R G B A the first two are the sample.
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
            // With its own checksum, which may be wrong.
            if (PngChunks.IsCritical(chunk))
                rewritten.Write(chunk);
        }

        return rewritten.ToArray();
    }
}
