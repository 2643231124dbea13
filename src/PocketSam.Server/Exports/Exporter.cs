using System.IO.Compression;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Exports;

/// <summary>
/// Makes files of masks and sends them, one after the other: what a format has several files for is packed. Each file is a
/// job of its own, so others' come between them, and is out of memory before the next one is begun.
/// </summary>
internal sealed class Exporter(LargeGarbage garbage) : IDisposable
{
    /// <summary>Pixels and corners, these weighed, from which on a file waits for other large ones only.</summary>
    private const long LargeFrom = 8_000_000;
    private const int PixelsPerCorner = 64;
    private const int BytesPerPixel = 4;

    private readonly JobLanes _jobs = new("exports", LargeFrom, smallThreads: 2, queueLength: 64);

    /// <summary>Sends the file of a picture's masks.</summary>
    /// <param name="format">What to make.</param>
    /// <param name="picture">The picture, which the file is named after, with its photo.</param>
    /// <param name="costs">What it takes to write each of its masks.</param>
    /// <param name="start">Told name and type of the file before its first byte, and its length where that is known.</param>
    /// <param name="target">Takes the bytes.</param>
    /// <param name="cancellation">Looked at wherever bytes are made.</param>
    /// <exception cref="ApiException">There is nothing to cut out.</exception>
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

    /// <summary>How large a file may be: it is of one mask, or the first one of all, with lists of names beside it.</summary>
    private static long SizeOf(MaskFile file, bool isFirst, IReadOnlyList<MaskCost> costs)
        => file.Place is { } place ? Weigh(costs[place]) : isFirst ? costs.Sum(Weigh) : 0;

    private static long Weigh(MaskCost cost) => cost.Pixels + PixelsPerCorner * cost.Corners;

    /// <summary>PNG files do not get smaller by being packed again.</summary>
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
