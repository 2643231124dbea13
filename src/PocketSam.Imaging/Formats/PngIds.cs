using System.IO.Compression;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Reads and writes a PNG whose pixels are ids: grey samples as stored, palette indices, or <c>R + 256 G + 65536 B</c>
/// of colours. Orientation is not applied.
/// </summary>
internal static class PngIds
{
    private const byte Gray = 0;
    private const int Rgb = 2;
    private const int Palette = 3;
    private const int GrayAlpha = 4;

    public static IdImage Decode(PictureSource source, PictureHeader header, int maxPixels)
    {
        if ((long)header.Width * header.Height > maxPixels)
            throw source.Error($"more than {maxPixels / 1_000_000} million pixels");
        int bits = PngDecoder.BitDepth(source.Bytes), type = PngDecoder.ColorType(source.Bytes);
        if (bits is not (1 or 2 or 4 or 8 or 16))
            throw source.Error("damaged PNG (bad header)");
        if (PngDecoder.IsInterlaced(source.Bytes) || (bits == 16 && type is not (Gray or GrayAlpha)))
            throw source.Error("numbers of pixels are read from PNG that is not interlaced, and of colours with 8 bits a sample");
        int channels = type switch { Gray or Palette => 1, GrayAlpha => 2, Rgb => 3, _ => 4 };
        int step = Math.Max(1, bits * channels / 8), length = (header.Width * bits * channels + 7) / 8;
        byte[] row = new byte[step + length], above = new byte[step + length];
        int[] ids = new int[header.Width * header.Height];
        using Stream data = Data(source);
        for (int y = 0; y < header.Height; y++)
        {
            (row, above) = (above, row);
            int filter = data.ReadByte();
            if (filter is < 0 or > 4 || data.ReadAtLeast(row.AsSpan(step), length, throwOnEndOfStream: false) < length)
                throw source.Error(filter > 4 ? "damaged PNG (an unknown filter)" : "truncated PNG");
            Unfilter(filter, row, above, step);
            for (int x = 0; x < header.Width; x++)
                ids[y * header.Width + x] = Id(row.AsSpan(step), x, bits, channels);
        }

        return new IdImage(header.Width, header.Height, ids);
    }

    /// <summary>Encodes ids as a greyscale PNG: 8 bits if all fit, else 16.</summary>
    /// <exception cref="ArgumentException">An id is negative or needs more than 16 bits.</exception>
    public static byte[] Encode(IdImage ids)
    {
        if (ids.Values is [< 0, ..] or [.., > IdImage.MaxWritten])
            throw new ArgumentException($"numbers from 0 to {IdImage.MaxWritten} are written, and not {ids.Values[0]} to {ids.Values[^1]}", nameof(ids));
        byte bytes = ids.Values is [.., > byte.MaxValue] ? (byte)2 : (byte)1;
        using var png = new MemoryStream();
        png.Write(PngChunks.Signature);
        PngChunks.WriteHeader(png, ids.Width, ids.Height, bits: (byte)(8 * bytes), Gray);
        PngChunks.WriteData(png, CompressionLevel.Optimal, rows =>
        {
            byte[] row = new byte[1 + bytes * ids.Width];
            for (int y = 0; y < ids.Height; y++)
            {
                for (int x = 0; x < ids.Width; x++)
                {
                    int id = ids.Ids[y * ids.Width + x];
                    row[1 + bytes * x] = (byte)(bytes == 2 ? id >> 8 : id);
                    row[bytes + bytes * x] = (byte)id;
                }

                rows.Write(row);
            }
        });
        PngChunks.Write(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static int Id(ReadOnlySpan<byte> row, int x, int bits, int channels)
    {
        if (bits < 8)
            return row[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1);
        if (bits == 16)
            return row[2 * channels * x] << 8 | row[2 * channels * x + 1];
        ReadOnlySpan<byte> pixel = row.Slice(channels * x, channels);
        return channels >= 3 ? pixel[0] | pixel[1] << 8 | pixel[2] << 16 : pixel[0];
    }

    private static ZLibStream Data(PictureSource source)
    {
        var packed = new MemoryStream();
        ReadOnlySpan<byte> rest = source.Bytes[PngChunks.SignatureLength..];
        while (PngChunks.TryRead(ref rest, out ReadOnlySpan<byte> chunk))
        {
            if (PngChunks.Type(chunk).SequenceEqual("IDAT"u8))
                packed.Write(PngChunks.Data(chunk));
        }

        packed.Position = 0;
        return new ZLibStream(packed, CompressionMode.Decompress);
    }

    /// <summary>
    /// Undoes PNG's filters 1 to 4: left, above, average, Paeth (PNG specification, section 9). Both rows begin with a
    /// pixel of zeros.
    /// </summary>
    private static void Unfilter(int filter, byte[] row, byte[] above, int step)
    {
        for (int i = step; i < row.Length && filter > 0; i++)
        {
            int left = row[i - step], up = above[i], corner = above[i - step];
            row[i] += (byte)(filter switch
            {
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                _ => Paeth(left, up, corner),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int a = Math.Abs(up - corner), b = Math.Abs(left - corner), c = Math.Abs(left + up - 2 * corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
