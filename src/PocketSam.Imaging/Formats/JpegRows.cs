using System.Runtime.ExceptionServices;
using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Decodes the rows of a JPEG, some after others, so that they are packed while the cache holds them and decoding can be
/// left in the middle. Several threads share a picture of one scan: skipping rows takes a quarter of the time of decoding
/// them, and does not change those that follow. The threads are its own, which start sooner than a pool does.
/// </summary>
internal static class JpegRows
{
    private const double SkipCost = 0.25;

    // Rows of 64 KB or a little more.
    private const int StripBytes = 1 << 16;

    // Blocks are of 8 or 16 rows: a part that begins with one has nothing to do twice.
    private const int BlockRows = 16;

    /// <summary>Decodes all rows.</summary>
    /// <param name="data">The file, which stays where it is.</param>
    /// <param name="length">Bytes of it.</param>
    /// <param name="stored">Takes the pixels.</param>
    /// <param name="parts">How many threads share the rows.</param>
    /// <param name="cancellation">Looked at between some rows.</param>
    /// <returns>Success, or what one of the threads met.</returns>
    public static SKCodecResult Decode(
        nint data, int length, RgbImage stored, int parts, CancellationToken cancellation)
    {
        var results = new SKCodecResult[parts];
        var errors = new Exception?[parts];
        Thread[] threads = [.. Enumerable.Range(1, parts - 1).Select(part => new Thread(() => Run(part)))];
        foreach (Thread thread in threads)
            thread.Start();
        Run(0);
        foreach (Thread thread in threads)
            thread.Join();
        if (errors.FirstOrDefault(error => error is not null) is { } first)
            ExceptionDispatchInfo.Throw(first);
        return results.FirstOrDefault(result => result != SKCodecResult.Success, SKCodecResult.Success);

        void Run(int part)
        {
            int start = Start(part, parts, stored.Height), end = Start(part + 1, parts, stored.Height);
            try
            {
                results[part] = DecodePart(data, length, stored, start, end, cancellation);
            }
            catch (Exception e)
            {
                errors[part] = e;
            }
        }
    }

    /// <summary>The first row of a part, so that all take as long: later ones have fewer rows and more to skip.</summary>
    public static int Start(int part, int parts, int height)
    {
        double share = (1 - Math.Pow(1 - SkipCost, part)) / (1 - Math.Pow(1 - SkipCost, parts));
        return part == parts ? height : (int)(share * height) / BlockRows * BlockRows;
    }

    private static unsafe SKCodecResult DecodePart(
        nint data, int length, RgbImage stored, int start, int end, CancellationToken cancellation)
    {
        SkiaLibrary.Require();
        using SKData memory = SKData.Create(data, length);
        using SKCodec? codec = SKCodec.Create(new SKMemoryStream(memory), out SKCodecResult result);
        if (codec is null)
            return result;
        var info = new SKImageInfo(stored.Width, stored.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        result = codec.StartScanlineDecode(info);
        if (result != SKCodecResult.Success)
            return result;
        if (start > 0 && !codec.SkipScanlines(start))
            return SKCodecResult.IncompleteInput;

        int height = Math.Max(StripBytes / info.RowBytes, 1);
        byte[] strip = GC.AllocateUninitializedArray<byte>(height * info.RowBytes);
        fixed (byte* target = strip)
        {
            for (int y = start; y < end; y += height)
            {
                cancellation.ThrowIfCancellationRequested();
                int rows = Math.Min(height, end - y);
                if (codec.GetScanlines((nint)target, rows, info.RowBytes) != rows)
                    return SKCodecResult.IncompleteInput;
                stored.SetRows(y, rows, strip, PixelLayout.Rgba);
            }
        }

        return SKCodecResult.Success;
    }
}
