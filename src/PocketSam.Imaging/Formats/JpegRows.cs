using System.Runtime.ExceptionServices;
using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Decodes a JPEG in strips of rows, so that a strip is packed to RGB while it is in the cache, and decoding can be
/// cancelled midway. Several threads share a picture of one scan: skipping rows takes a quarter of the time of decoding
/// them and does not change the rows after them. It starts its own threads, as they start sooner than those of the
/// thread pool.
/// </summary>
internal static class JpegRows
{
    private const double SkipCost = 0.25;

    // Target size of a strip: 64 KB.
    private const int StripBytes = 1 << 16;

    // JPEG blocks have 8 or 16 rows. A part that begins at a block decodes none twice.
    private const int BlockRows = 16;

    /// <summary>Decodes all rows.</summary>
    /// <param name="data">Address of the file, pinned by the caller.</param>
    /// <param name="length">Length of the file in bytes.</param>
    /// <param name="stored">Receives the pixels.</param>
    /// <param name="parts">Number of threads that share the rows.</param>
    /// <param name="cancellation">Checked between strips.</param>
    /// <returns>Success, or the first failure of a part.</returns>
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

    /// <summary>
    /// The first row of a part. Later parts have fewer rows because they skip more, so that all take the same time.
    /// </summary>
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
