using System.IO.Compression;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Exports;

/// <summary>
/// Makes export files and sends them; several files are packed as a zip archive. Each file is a separate job, so that
/// jobs of other requests run in between, and its memory is freed before the next one begins.
/// </summary>
internal sealed class Exporter(LargeGarbage garbage) : IDisposable
{
    /// <summary>
    /// Cost from which on a job is large, in pixels; a corner counts as <see cref="PixelsPerCorner"/> pixels.
    /// </summary>
    private const long LargeFrom = 8_000_000;
    private const int PixelsPerCorner = 64;
    private const int BytesPerPixel = 4;

    private readonly JobLanes _jobs = new("exports", LargeFrom, smallThreads: 2, queueLength: 64);

    /// <summary>Sends the export of a picture's masks.</summary>
    /// <param name="format">The format.</param>
    /// <param name="picture">The picture with its photo; the file takes its name.</param>
    /// <param name="costs">The cost of each mask.</param>
    /// <param name="start">
    /// Called before the first byte with the file's name, its media type, and its length in bytes if that is known.
    /// </param>
    /// <param name="target">Receives the bytes.</param>
    /// <param name="cancellation">Checked whenever bytes are written.</param>
    /// <exception cref="ApiException">All masks are empty.</exception>
    public async Task SendAsync(
        MaskFormat format, AnnotatedPicture picture, IReadOnlyList<MaskCost> costs, Action<string, string, long?> start,
        Stream target, CancellationToken cancellation)
    {
        string name = Path.GetFileNameWithoutExtension(picture.Path);
        MaskFile[] files = [.. format.Files(picture)];
        if (files.Length == 0)
            throw new ApiException(422, "nothing_to_export", "all masks are empty");
        long[] sizes = [.. files.Select((file, i) => SizeOf(file, isFirst: i == 0, costs))];
        using var buffer = new ExportBuffer(cancellation);
        if (files is [{ } only])
        {
            await RunAsync(sizes[0], () => only.Write(buffer), cancellation);
            start(format.IsFilePerMask ? $"{name}-{format.Name}{format.Extension}" : only.Name, format.ContentType, buffer.Waiting);
            await buffer.SendAsync(target);
            return;
        }

        start($"{name}-{format.Name}{(format.IsFilePerMask ? "s" : "")}.zip", "application/zip", null);
        var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((MaskFile file, long size) in files.Zip(sizes))
        {
            await RunAsync(size, () => Pack(zip, file), cancellation);
            await buffer.SendAsync(target);
        }

        zip.Dispose();
        await buffer.SendAsync(target);
    }

    public void Dispose() => _jobs.Dispose();

    /// <summary>
    /// The cost of a file: of its one mask, or, for formats with one file for all masks, of all masks for the first
    /// file and 0 for the lists beside it.
    /// </summary>
    private static long SizeOf(MaskFile file, bool isFirst, IReadOnlyList<MaskCost> costs)
        => file.Place is { } place ? Weigh(costs[place]) : isFirst ? costs.Sum(Weigh) : 0;

    private static long Weigh(MaskCost cost) => cost.Pixels + PixelsPerCorner * cost.Corners;

    /// <summary>Adds a file to the archive, uncompressed, as PNG does not shrink any further.</summary>
    private static void Pack(ZipArchive zip, MaskFile file)
    {
        using Stream entry = zip.CreateEntry(file.Name, CompressionLevel.NoCompression).Open();
        file.Write(entry);
    }

    private Task RunAsync(long size, Action work, CancellationToken cancellation)
        => _jobs.RunAsync(
            size, () =>
            {
                work();
                garbage.Add(size * BytesPerPixel);
                return true;
            },
            cancellation);
}
