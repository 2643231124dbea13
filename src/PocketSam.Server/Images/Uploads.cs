using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Images;

/// <summary>
/// Receives uploads: the header is looked at before a pixel is decoded, and memory is reserved before it is taken.
/// </summary>
internal sealed class Uploads(
    IOptions<PocketSamOptions> options, RequestBodies bodies, ImageStore store, EncodingQueue queue) : IDisposable
{
    private const int MaxNameLength = 128;
    private const string DefaultName = "picture";

    /// <summary>Pixels from which on a picture waits for other large ones only; they take about a quarter of a second.</summary>
    private const int LargePixels = 16_000_000;

    /// <summary>Decoding is quick and takes much memory, so there is one large and one small picture at a time.</summary>
    private readonly JobLanes _decoding = new("decoding", LargePixels, smallThreads: 1, queueLength: 64);

    private readonly PocketSamOptions _options = options.Value;

    /// <summary>The upright picture of the request's body, queued to be encoded.</summary>
    /// <exception cref="ApiException">Too large, too many, or not a picture.</exception>
    /// <exception cref="ImageFormatException">Not a picture that can be read.</exception>
    public async Task<Photo> ReceiveAsync(HttpContext context)
    {
        ClientAddress client = ClientAddress.Of(context);
        queue.RequireRoom(client);
        string name = context.Request.Query["name"].ToString();
        using RequestBody file = await bodies.ReadAsync(context, _options.MaxUploadBytes, "file_too_large", MayBePicture);
        return await AddAsync(client, name, file.Memory, context.RequestAborted);
    }

    /// <summary>The upright picture of a file that is in memory, queued to be encoded.</summary>
    /// <exception cref="ApiException">Too large, or too many.</exception>
    /// <exception cref="ImageFormatException">Not a picture that can be read.</exception>
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

        return await _decoding.RunAsync(
            pixels, () => Decode(client, name, file, width, height, cancellation), cancellation);
    }

    public void Dispose() => _decoding.Dispose();

    private static bool MayBePicture(ReadOnlySpan<byte> start)
        => start.Length < ImageFile.SignatureLength || ImageFile.HasSignature(start);

    private Photo Decode(
        ClientAddress client, string name, ReadOnlyMemory<byte> file, int width, int height, CancellationToken cancellation)
    {
        long bytes = store.BytesOf(width, height);
        store.Reserve(bytes, client);
        RgbImage pixels;
        try
        {
            pixels = ImageFile.Decode(
                file.Span, name, new ImageReadOptions { MaxPixels = _options.MaxPixels }, cancellation);
        }
        catch
        {
            store.Release(bytes);
            throw;
        }

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

    /// <summary>The last part of a path, without what may not be in a header or a file's name.</summary>
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
