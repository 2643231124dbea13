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
    private const int FirstBytes = 64 << 10;
    private const long LeastBudget = 64 << 20;
    private const int DocumentQueue = 32;

    private readonly long _budget = Math.Max(LeastBudget, 4L * options.Value.MaxUploadBytes);

    /// <summary>One large document at a time is an object graph, which takes several times the memory of its text.</summary>
    private readonly ConcurrencyLimiter _documents = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = 1,
        QueueLimit = DocumentQueue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

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

    /// <summary>The right to make objects of a large document, until the request ends.</summary>
    /// <exception cref="ApiException">Too many wait for it.</exception>
    public async Task ReserveDocumentAsync(HttpContext context)
    {
        RateLimitLease permit = await _documents.AcquireAsync(1, context.RequestAborted);
        context.Response.RegisterForDispose(permit);
        if (!permit.IsAcquired)
            throw ApiException.Busy("sending large documents");
    }

    public void Dispose() => _documents.Dispose();

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
