using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;

namespace PocketSam.Server.Security;

/// <summary>Bounds how many requests for one operation a client may have at a time, so that it fills no queue by itself.</summary>
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

    /// <exception cref="ApiException">The client has as many requests for the operation as it may have.</exception>
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
