using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;

namespace PocketSam.Server.Security;

/// <summary>Limits the request rate of each client, except for health checks.</summary>
internal sealed class RateLimitMiddleware(IOptions<PocketSamOptions> options) : IMiddleware, IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, ClientAddress>(
        context => RateLimitPartition.GetTokenBucketLimiter(ClientAddress.Of(context), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 2 * options.Value.RequestsPerSecond,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / options.Value.RequestsPerSecond),
            QueueLimit = 0,
        }));

    /// <exception cref="ApiException">The client exceeds its rate.</exception>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Access.Of(context).Kind != AccessKind.Health)
            RequirePermit(context);
        return next(context);
    }

    public void Dispose() => _limiter.Dispose();

    private void RequirePermit(HttpContext context)
    {
        using RateLimitLease permit = _limiter.AttemptAcquire(context);
        if (permit.IsAcquired)
            return;
        TimeSpan wait = permit.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : TimeSpan.FromSeconds(1);
        throw new ApiException(429, "rate_limited", "too many requests; wait a moment", wait);
    }
}
