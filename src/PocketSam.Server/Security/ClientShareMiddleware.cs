using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;

namespace PocketSam.Server.Security;

/// <summary>
/// Limits the number of concurrent requests of one client for one operation, so that it cannot fill a queue alone.
/// </summary>
internal sealed class ClientShareMiddleware : IMiddleware, IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter
        = PartitionedRateLimiter.Create<HttpContext, (string Operation, ClientAddress Client)>(context =>
        {
            Access access = Access.Of(context);
            return RateLimitPartition.GetConcurrencyLimiter(
                (access.Operation, ClientAddress.Of(context)),
                _ => new ConcurrencyLimiterOptions { PermitLimit = access.AtOnce, QueueLimit = 0 });
        });

    /// <exception cref="ApiException">
    /// The client has the largest allowed number of requests for the operation.
    /// </exception>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        Access access = Access.Of(context);
        using RateLimitLease? share = access.AtOnce < int.MaxValue ? _limiter.AttemptAcquire(context) : null;
        if (share?.IsAcquired == false)
            throw ApiException.Busy($"{access.Operation}; a client may have {access.AtOnce} at a time");
        await next(context);
    }

    public void Dispose() => _limiter.Dispose();
}
