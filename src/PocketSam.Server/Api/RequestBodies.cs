using System.Diagnostics;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Api;

/// <summary>
/// Reads request bodies into memory, within a byte budget for all clients together. A buffer grows with the bytes
/// received, whatever length the request states.
/// </summary>
internal sealed class RequestBodies(IOptions<PocketSamOptions> options, LargeGarbage garbage) : IDisposable
{
    /// <summary>
    /// Largest document, and the limit of all large documents of one client that are being answered, in bytes.
    /// </summary>
    public const int MaxDocumentBytes = 32 << 20;

    private const int FirstBytes = 64 << 10;
    private const long LeastBudget = 64 << 20;
    private const int DocumentQueue = 32;

    private readonly long _budget = Math.Max(LeastBudget, 4L * options.Value.MaxUploadBytes);

    /// <summary>
    /// Parses one large document at a time, as its objects take several times the memory of the text.
    /// </summary>
    private readonly ConcurrencyLimiter _readings = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = 1,
        QueueLimit = DocumentQueue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Bytes of each client's parsed large documents, until their requests end.</summary>
    private readonly PartitionedRateLimiter<HttpContext> _documents = PartitionedRateLimiter.Create<HttpContext, ClientAddress>(
        context => RateLimitPartition.GetConcurrencyLimiter(ClientAddress.Of(context), _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = MaxDocumentBytes,
            QueueLimit = 0,
        }));

    private long _held;

    /// <summary>
    /// Reads the whole body, or until <paramref name="wants"/> returns false. The caller disposes of the result to
    /// release its memory.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">Longest accepted body in bytes.</param>
    /// <param name="code">Problem code for a longer body.</param>
    /// <param name="wants">Called with the bytes received so far; returns whether to read on.</param>
    /// <exception cref="ApiException">
    /// The body is too long or too slow, or the service receives too much at the moment.
    /// </exception>
    public async Task<RequestBody> ReadAsync(
        HttpContext context, int maxBytes, string code, Func<ReadOnlySpan<byte>, bool>? wants = null)
    {
        // This method enforces the limit: the server's own limit would close the connection before the client reads the
        // response.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        if (context.Request.ContentLength > maxBytes)
            throw TooLong(maxBytes, code);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timeout.CancelAfter(options.Value.UploadTimeout);
        byte[] buffer = Take((int)Math.Min(context.Request.ContentLength + 1 ?? FirstBytes, FirstBytes));
        int length = 0;
        try
        {
            while (true)
            {
                int read = await context.Request.Body.ReadAsync(buffer.AsMemory(length), timeout.Token);
                length += read;
                if (read == 0 || wants?.Invoke(buffer.AsSpan(0, length)) == false)
                    return new RequestBody(buffer, length, Return);
                if (length > maxBytes)
                    throw TooLong(maxBytes, code);
                if (length == buffer.Length)
                {
                    byte[] larger = Take((int)Math.Min(2L * buffer.Length, maxBytes + 1L));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            Return(buffer);
            throw new ApiException(408, "upload_timeout", "the request took too long to come");
        }
        catch
        {
            Return(buffer);
            throw;
        }
    }

    /// <summary>
    /// Waits for the right to parse a large document, which ends when the result is disposed of. The document counts
    /// against its client until the request ends, so a client that reads its response slowly delays only itself.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="bytes">Length of the document in bytes; at most <see cref="MaxDocumentBytes"/>.</param>
    /// <exception cref="ApiException">
    /// The client has too many unanswered documents, or too many requests wait.
    /// </exception>
    public async Task<IDisposable> ReserveDocumentAsync(HttpContext context, int bytes)
    {
        RateLimitLease share = _documents.AttemptAcquire(context, bytes);
        context.Response.RegisterForDispose(share);
        if (!share.IsAcquired)
            throw ApiException.Busy($"answers to large documents; a client may have {MaxDocumentBytes} bytes of them at a time");
        RateLimitLease reading = await _readings.AcquireAsync(1, context.RequestAborted);
        if (reading.IsAcquired)
            return reading;
        reading.Dispose();
        throw ApiException.Busy("sending large documents");
    }

    public void Dispose()
    {
        _readings.Dispose();
        _documents.Dispose();
    }

    private static ApiException TooLong(int maxBytes, string code)
        => new(413, code, $"the request's body is larger than {maxBytes} bytes");

    /// <summary>
    /// Allocates a buffer. It does not use a pool, which would hold on to memory that is needed only once.
    /// </summary>
    private byte[] Take(int length)
    {
        if (Interlocked.Add(ref _held, length) <= _budget)
            return GC.AllocateUninitializedArray<byte>(length);
        Interlocked.Add(ref _held, -length);
        throw ApiException.Busy("uploading");
    }

    private void Return(byte[] buffer)
    {
        long held = Interlocked.Add(ref _held, -buffer.Length);
        Debug.Assert(held >= 0);
        garbage.Add(buffer.Length);
    }
}
