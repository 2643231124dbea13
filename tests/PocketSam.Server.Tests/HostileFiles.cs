using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using PocketSam.Imaging;
using PocketSam.Imaging.Tests;

namespace PocketSam.Server.Tests;

/// <summary>Uploads that are not pictures, or want far more memory than they have bytes.</summary>
internal static class HostileFiles
{
    private const byte StartOfFrame = 0xC0;

    /// <summary>One of each kind, by name.</summary>
    /// <param name="maxBytes">What the service takes.</param>
    public static Dictionary<string, byte[]> All(int maxBytes)
    {
        RgbImage noise = Noise(300, 200);
        byte[] png = ImageFile.EncodePng(noise), jpeg = ImageFile.EncodeJpeg(noise);
        return new Dictionary<string, byte[]>
        {
            ["empty"] = [],
            ["one byte"] = [0xFF],
            ["text"] = "hello, world"u8.ToArray(),
            ["html"] = "<!doctype html><script>alert(1)</script>"u8.ToArray(),
            ["svg"] = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"u8.ToArray(),
            ["gif"] = [.. "GIF89a"u8, 255, 255, 255, 255, 0, 0, 0],
            ["tiff"] = "II*\0\0\0\0\0"u8.ToArray(),
            ["pdf"] = "%PDF-1.7\n"u8.ToArray(),
            ["program"] = [0x7F, .. "ELF"u8, .. new byte[4096]],
            ["zip"] = Zip(),
            ["garbage"] = Garbage(1 << 16),
            ["too many bytes"] = [.. png.AsSpan(0, 64), .. new byte[maxBytes]],
            ["png bomb"] = Png(100_000, 100_000, rows: 0),
            ["png of the largest sides"] = Png(int.MaxValue, int.MaxValue, rows: 0),
            ["png of one endless row"] = Png(int.MaxValue, 1, rows: 0),
            ["png without sides"] = Png(0, 0, rows: 0),
            ["png that promises much"] = Png(7000, 7000, rows: 8),
            ["png that packs well and is too large"] = Png(12_000, 12_000, rows: 12_000),
            ["truncated png"] = png[..(png.Length / 2)],
            ["png without end"] = png[..^12],
            ["damaged png"] = Damage(png),
            ["png header alone"] = png[..33],
            ["jpeg bomb"] = JpegOfSize(jpeg, 65_500, 65_500),
            ["jpeg without sides"] = JpegOfSize(jpeg, 0, 0),
            ["truncated jpeg"] = jpeg[..(jpeg.Length / 2)],
            ["jpeg start alone"] = jpeg[..3],
            ["jpeg start and garbage"] = [.. jpeg.AsSpan(0, 4), .. Garbage(5000)],
            ["webp bomb"] = WebP(16_383, 16_383),
            ["truncated webp"] = WebP(64, 64),
            ["webp start alone"] = WebP(64, 64)[..12],
        };
    }

    private static RgbImage Noise(int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(1).NextBytes(image.Pixels);
        return image;
    }

    private static byte[] Garbage(int length)
    {
        byte[] bytes = new byte[length];
        new Random(2).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Png(int width, int height, int rows)
        => new PngBuilder((uint)width, (uint)height, bitDepth: 1, PngBuilder.Gray)
            .Rows([.. Enumerable.Repeat(new byte[rows > 0 ? (width + 7) / 8 : 0], rows)])
            .End();

    private static byte[] Damage(byte[] png)
    {
        byte[] copy = [.. png];
        for (int i = 60; i < copy.Length - 20; i += 97)
            copy[i] ^= 0x55;
        return copy;
    }

    /// <summary>The frame's header says another size than its data have.</summary>
    private static byte[] JpegOfSize(byte[] jpeg, ushort width, ushort height)
    {
        byte[] copy = [.. jpeg];
        ReadOnlySpan<byte> marker = [0xFF, StartOfFrame];
        int frame = copy.AsSpan().IndexOf(marker);
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(frame + 5), height);
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(frame + 7), width);
        return copy;
    }

    /// <summary>The header of a lossy picture without its data.</summary>
    private static byte[] WebP(ushort width, ushort height)
    {
        byte[] file = new byte[60];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), 100_000);
        "WEBPVP8 "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(16), 99_988);
        ReadOnlySpan<byte> frame = [0x10, 0x20, 0x00, 0x9D, 0x01, 0x2A];
        frame.CopyTo(file.AsSpan(20));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(26), width);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(28), height);
        return file;
    }

    private static byte[] Zip()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("../../photo.jpg").Open();
            entry.Write(Encoding.ASCII.GetBytes(new string('x', 100_000)));
        }

        return stream.ToArray();
    }
}
