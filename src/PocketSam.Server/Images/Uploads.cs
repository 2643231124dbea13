using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Images;

/// <summary>
/// Receives uploads: bytes are collected in memory up to the limit, the header is looked at before a pixel is decoded,
/// and memory is reserved before it is taken.
/// </summary>
internal sealed class Uploads(IOptions<PocketSamOptions> options, ImageStore store, EncodingQueue queue) : IDisposable
{
    private const int FirstBytes = 64 << 10;
    private const long LeastBudget = 16 << 20;
    private const int MaxNameLength = 128;
    private const string DefaultName = "picture";

    /// <summary>Decoding is quick and takes much memory, so there is one at a time.</summary>
    private readonly JobQueue _decoding = new("decoding", threads: 1, queueLength: 64);

    // Uploads together may hold this many bytes that are no pictures yet.
    private readonly long _budget = Math.Max(LeastBudget, 4L * options.Value.MaxUploadBytes);
    private readonly PocketSamOptions _options = options.Value;
    private long _held;

    /// <summary>The upright picture of the request's body, queued to be encoded.</summary>
    /// <exception cref="ApiException">Too large, too many, or not a picture.</exception>
    /// <exception cref="ImageFormatException">Not a picture that can be read.</exception>
    public async Task<Photo> ReceiveAsync(HttpContext context)
    {
        queue.RequireRoom();
        string name = CleanName(context.Request.Query["name"]);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timeout.CancelAfter(_options.UploadTimeout);
        byte[] buffer = [];
        try
        {
            int length;
            (buffer, length) = await ReadAsync(context, timeout.Token);
            byte[] file = buffer;
            return await _decoding.RunAsync(() => Decode(name, file.AsSpan(0, length)), context.RequestAborted);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new ApiException(408, "upload_timeout", "the upload took too long");
        }
        finally
        {
            Return(buffer);
        }
    }

    public void Dispose() => _decoding.Dispose();

    private Photo Decode(string name, ReadOnlySpan<byte> file)
    {
        (int width, int height) = ImageFile.ReadSize(file, name);
        if ((long)width * height > _options.MaxPixels)
        {
            throw ApiException.ImageTooLarge(FormattableString.Invariant(
                $"a picture of {width}x{height} has more than {_options.MaxPixels} pixels"));
        }

        long bytes = store.BytesOf(width, height);
        store.Reserve(bytes);
        RgbImage pixels;
        try
        {
            pixels = ImageFile.Decode(file, name, _options.MaxPixels);
        }
        catch
        {
            store.Release(bytes);
            throw;
        }

        PhotoLease lease = store.Add(name, pixels, file.Length);
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

    /// <summary>Collects the body; the buffer grows with what has come, not with what was promised.</summary>
    private async Task<(byte[] Buffer, int Length)> ReadAsync(HttpContext context, CancellationToken cancellation)
    {
        // The limit is kept here: the server's own would cut the connection before the answer is read.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        if (context.Request.ContentLength > _options.MaxUploadBytes)
            throw TooLong();
        byte[] buffer = Rent((int)Math.Min(context.Request.ContentLength + 1 ?? FirstBytes, FirstBytes));
        int length = 0;
        try
        {
            while (true)
            {
                int read = await context.Request.Body.ReadAsync(buffer.AsMemory(length), cancellation);
                if (read == 0)
                    return (buffer, length);
                bool knowsFormat = length >= ImageFile.SignatureLength;
                length += read;
                if (!knowsFormat && length >= ImageFile.SignatureLength && !ImageFile.HasSignature(buffer.AsSpan(0, length)))
                    return (buffer, length);
                if (length > _options.MaxUploadBytes)
                    throw TooLong();
                if (length == buffer.Length)
                {
                    byte[] larger = Rent((int)Math.Min(2L * buffer.Length, _options.MaxUploadBytes + 1L));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch
        {
            Return(buffer);
            throw;
        }
    }

    private byte[] Rent(int length)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        if (Interlocked.Add(ref _held, buffer.Length) <= _budget)
            return buffer;
        Return(buffer);
        throw ApiException.Busy("uploading");
    }

    private void Return(byte[] buffer)
    {
        if (buffer.Length == 0)
            return;
        Interlocked.Add(ref _held, -buffer.Length);
        Debug.Assert(_held >= 0);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private ApiException TooLong() => new(
        413, "file_too_large", $"the file is larger than {_options.MaxUploadBytes} bytes");

    /// <summary>The last part of a path, without what may not be in a header or a file's name.</summary>
    private static string CleanName(string? name)
    {
        if (name is null)
            return DefaultName;
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
