using System.Diagnostics;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Api;

/// <summary>
/// Collects the bodies of requests in memory, those of all clients together within a budget. A buffer grows with what has
/// come, not with what was promised.
/// </summary>
internal sealed class RequestBodies(IOptions<PocketSamOptions> options, LargeGarbage garbage) : IDisposable
{
    /// <summary>The largest document, and all of a client's large ones together while they are being answered.</summary>
    public const int MaxDocumentBytes = 32 << 20;

    private const int FirstBytes = 64 << 10;
    private const long LeastBudget = 64 << 20;
    private const int DocumentQueue = 32;

    private readonly long _budget = Math.Max(LeastBudget, 4L * options.Value.MaxUploadBytes);

    /// <summary>One large document at a time becomes objects, which takes several times the memory of its text.</summary>
    private readonly ConcurrencyLimiter _readings = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = 1,
        QueueLimit = DocumentQueue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Bytes of the documents that became objects and are needed until they are answered.</summary>
    private readonly PartitionedRateLimiter<HttpContext> _documents = PartitionedRateLimiter.Create<HttpContext, ClientAddress>(
        context => RateLimitPartition.GetConcurrencyLimiter(ClientAddress.Of(context), _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = MaxDocumentBytes,
            QueueLimit = 0,
        }));

    private long _held;

    /// <summary>The whole body, or as much of it as <paramref name="wants"/> wants; the memory is the caller's until it is disposed of.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">More is refused.</param>
    /// <param name="code">The code of that refusal.</param>
    /// <param name="wants">Asked with the bytes that have come whether the rest is wanted.</param>
    /// <exception cref="ApiException">Too long, too slow, or too much is being received.</exception>
    public async Task<RequestBody> ReadAsync(
        HttpContext context, int maxBytes, string code, Func<ReadOnlySpan<byte>, bool>? wants = null)
    {
        // The limit is kept here: the server's own would cut the connection before the answer is read.
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
    /// The right to make objects of a large document, until it is disposed of. The document itself counts among its client's
    /// until the request ends, so whoever takes an answer slowly holds up nobody else.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="bytes">Length of the document; at most <see cref="MaxDocumentBytes"/>.</param>
    /// <exception cref="ApiException">The client has too many that are not answered yet, or too many wait.</exception>
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

    /// <summary>Of no pool, which would keep what was needed once.</summary>
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
