using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;

namespace PocketSam.Imaging.Formats;

/// <summary>Reads grey and RGB samples of 8 or 16 bits into a picture, row by row or tile by tile.</summary>
internal sealed class TiffSamples(Tiff tiff, TiffPage page, RgbImage stored, CancellationToken cancellation)
{
    private const int RowsBetweenChecks = 64;

    private readonly int _colors = page.IsGray ? 1 : 3;
    private int _bits;
    private int _greatest;

    /// <summary>Reads all samples, and returns the largest 16-bit one; 0 for 8-bit samples.</summary>
    /// <param name="bits">The number of bits that 16-bit samples are taken to use, 8 to 16.</param>
    /// <exception cref="TiffException">The data ends early, or does not fit the directory.</exception>
    public int Read(int bits)
    {
        _bits = bits;
        _greatest = 0;
        for (int plane = 0; plane < (page.IsPlanar ? _colors : 1); plane++)
        {
            if (tiff.IsTiled())
                ReadTiles(plane);
            else
                ReadRows(plane);
        }

        return _greatest;
    }

    private void ReadRows(int plane)
    {
        byte[] row = new byte[BufferLength(tiff.ScanlineSize(), page.Width, 1)];
        for (int y = 0; y < page.Height; y++)
        {
            if (y % RowsBetweenChecks == 0)
                cancellation.ThrowIfCancellationRequested();
            if (!tiff.ReadScanline(row, y, (short)plane))
                throw new TiffException("its data end early");
            Take(row, 0, y, page.Width, plane);
        }
    }

    private void ReadTiles(int plane)
    {
        int width = tiff.GetField(TiffTag.TILEWIDTH)[0].ToInt(), height = tiff.GetField(TiffTag.TILELENGTH)[0].ToInt();
        byte[] tile = new byte[BufferLength(tiff.TileSize(), width, height)];
        int stride = tile.Length / height;
        for (int top = 0; top < page.Height; top += height)
        {
            for (int left = 0; left < page.Width; left += width)
            {
                cancellation.ThrowIfCancellationRequested();
                if (tiff.ReadTile(tile, 0, left, top, 0, (short)plane) < 0)
                    throw new TiffException("its data end early");
                for (int y = 0; y < Math.Min(height, page.Height - top); y++)
                    Take(tile.AsSpan(y * stride), left, top + y, Math.Min(width, page.Width - left), plane);
            }
        }
    }

    /// <summary>The buffer length that LibTiff states, which must match the samples.</summary>
    private int BufferLength(int stated, int width, int height)
    {
        long samples = page.IsPlanar ? 1 : page.Samples;
        return stated == samples * page.Bits / 8 * width * height ? stated : throw new TiffException("bad header");
    }

    private void Take(ReadOnlySpan<byte> row, int x, int y, int count, int plane)
    {
        int step = page.IsPlanar ? 1 : page.Samples;
        Span<byte> rgb = stored.Pixels.AsSpan(3 * (y * page.Width + x), 3 * count);
        ReadOnlySpan<ushort> wide = MemoryMarshal.Cast<byte, ushort>(row);
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < (page.IsPlanar ? 1 : _colors); k++)
            {
                int at = i * step + k;
                byte value = page.Bits == 8 ? row[at] : Narrow(wide[at]);
                if (page.IsGray)
                    rgb.Slice(3 * i, 3).Fill(page.Photometric == Photometric.MINISWHITE ? (byte)~value : value);
                else
                    rgb[3 * i + plane + k] = value;
            }
        }
    }

    private byte Narrow(ushort sample)
    {
        _greatest = Math.Max(_greatest, sample);
        return SampleScale.ToByte(sample, _bits);
    }
}
