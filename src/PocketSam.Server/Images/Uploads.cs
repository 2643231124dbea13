using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Images;

/// <summary>
/// Receives uploads. It checks the header before it decodes any pixel, and reserves memory before it allocates it.
/// </summary>
internal sealed class Uploads(
    IOptions<PocketSamOptions> options, RequestBodies bodies, ImageStore store, EncodingQueue queue, SharedPictures shared,
    ServerMetrics metrics, ILogger<Uploads> log) : IDisposable
{
    private const int MaxNameLength = 128;
    private const string DefaultName = "picture";

    /// <summary>
    /// Pixels from which on a picture is decoded in the queue for large ones; such a picture takes a quarter of a
    /// second or more.
    /// </summary>
    private const int LargePixels = 16_000_000;

    /// <summary>
    /// Decoding is fast but takes much memory, so one large and one small picture are decoded at a time.
    /// </summary>
    private readonly JobLanes _decoding = new("decoding", LargePixels, smallThreads: 1, queueLength: 64);

    private readonly PocketSamOptions _options = options.Value;

    /// <summary>Decodes the request's body and queues the upright picture for encoding.</summary>
    /// <exception cref="ApiException">
    /// The picture is too large, the queue is full, or the body cannot be received.
    /// </exception>
    /// <exception cref="ImageFormatException">The file is not a supported picture.</exception>
    public async Task<Photo> ReceiveAsync(HttpContext context)
    {
        ClientAddress client = ClientAddress.Of(context);
        queue.RequireRoom(client);
        string name = context.Request.Query["name"].ToString();
        using RequestBody file = await bodies.ReadAsync(context, _options.MaxUploadBytes, "file_too_large", MayBePicture);
        return await AddAsync(client, name, file.Memory, context.RequestAborted);
    }

    /// <summary>Decodes a picture file and queues the upright picture for encoding.</summary>
    /// <exception cref="ApiException">The picture is too large, or the queue is full.</exception>
    /// <exception cref="ImageFormatException">The file is not a supported picture.</exception>
    public async Task<Photo> AddAsync(
        ClientAddress client, string name, ReadOnlyMemory<byte> file, CancellationToken cancellation)
    {
        queue.RequireRoom(client);
        name = CleanName(name);
        (int width, int height) = ImageFile.ReadSize(file.Span, name);
        long pixels = (long)width * height;
        if (pixels > _options.MaxPixels)
        {
            throw ApiException.ImageTooLarge(FormattableString.Invariant(
                $"a picture of {width}x{height} has more than {_options.MaxPixels} pixels"));
        }

        Photo photo = await _decoding.RunAsync(
            pixels, () => Decode(client, name, file, width, height, cancellation), cancellation);
        if (!shared.IsShared)
            return photo;
        try
        {
            await shared.AddAsync(photo.Id, name, file.Span, cancellation);
            return photo;
        }
        catch
        {
            store.Remove(photo.Id);
            throw;
        }
    }

    /// <summary>
    /// Takes over a picture that another replica received, with its embedding if the store has it. Otherwise the
    /// picture is queued here too, as the other replica may be gone.
    /// </summary>
    /// <exception cref="ApiException">
    /// There is no such picture, there is no room for it, or the store cannot be read.
    /// </exception>
    public async Task<PhotoLease> AdoptAsync(HttpContext context, string id)
    {
        ClientAddress client = ClientAddress.Of(context);
        (string name, byte[] file) = await shared.FindAsync(id, context.RequestAborted) ?? throw ApiException.ImageUnknown();
        (int width, int height) = ImageFile.ReadSize(file, name);
        PhotoLease lease = await _decoding.RunAsync(
            (long)width * height, () => Adopt(client, id, name, file, width, height, context.RequestAborted), context.RequestAborted);
        metrics.Adopted.Add(1);
        ServerLog.Adopted(log, lease.Photo.ShortId);
        return lease;
    }

    public void Dispose() => _decoding.Dispose();

    private static bool MayBePicture(ReadOnlySpan<byte> start)
        => start.Length < ImageFile.SignatureLength || ImageFile.HasSignature(start);

    private PhotoLease Adopt(
        ClientAddress client, string id, string name, byte[] file, int width, int height, CancellationToken cancellation)
    {
        if (store.TryLease(id) is { } there)
            return there;
        RgbImage pixels = Pixels(client, name, file, width, height, cancellation);
        if (store.TryAdd(id, client, name, pixels, file.Length) is not { } lease)
        {
            store.Release(store.BytesOf(width, height));
            return store.Lease(id);
        }

        if (shared.FindEmbedding(lease.Photo) is { } embedding)
        {
            lease.Photo.Complete(embedding);
            return lease;
        }

        try
        {
            queue.Add(lease);
            return store.Lease(id);
        }
        catch
        {
            store.Remove(id);
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Decodes the upright picture, with its memory reserved.</summary>
    private RgbImage Pixels(
        ClientAddress client, string name, ReadOnlySpan<byte> file, int width, int height, CancellationToken cancellation)
    {
        long bytes = store.BytesOf(width, height);
        store.Reserve(bytes, client);
        try
        {
            return ImageFile.Decode(file, name, new ImageReadOptions { MaxPixels = _options.MaxPixels }, cancellation);
        }
        catch
        {
            store.Release(bytes);
            throw;
        }
    }

    private Photo Decode(
        ClientAddress client, string name, ReadOnlyMemory<byte> file, int width, int height, CancellationToken cancellation)
    {
        RgbImage pixels = Pixels(client, name, file.Span, width, height, cancellation);
        PhotoLease lease = store.Add(client, name, pixels, file.Length);
        Photo photo = lease.Photo;
        try
        {
            queue.Add(lease);
        }
        catch
        {
            store.Remove(photo.Id);
            lease.Dispose();
            throw;
        }

        return photo;
    }

    /// <summary>The last part of a path, without characters that are not allowed in headers or file names.</summary>
    private static string CleanName(string name)
    {
        name = name[(name.LastIndexOfAny(['/', '\\', ':']) + 1)..];
        name = string.Concat(name.Where(c => !char.IsControl(c) && !char.IsSurrogate(c) && !"\"<>|*?".Contains(c))).Trim(' ', '.');
        return name.Length switch
        {
            0 => DefaultName,
            > MaxNameLength => name[..MaxNameLength],
            _ => name,
        };
    }
}
