using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PocketSam.Server.Api;
using PocketSam.Server.Observing;

namespace PocketSam.Server.Guarding;

/// <summary>
/// Stands before every endpoint: sets the headers that browsers are to obey, refuses other sites, strangers and the
/// impatient, answers errors as problems, counts and logs.
/// </summary>
internal sealed class Guard : IDisposable
{
    public const string KeyHeader = "X-Api-Key";
    private const string ContentSecurityPolicy =
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    /// <summary>Clients gone before they were answered, as nginx counts them.</summary>
    private const int ClientGone = 499;

    private readonly OriginCheck _origins;
    private readonly byte[]? _keyHash;
    private readonly PartitionedRateLimiter<HttpContext> _rate;
    private readonly ServerMetrics _metrics;
    private readonly ILogger<Guard> _log;
    private readonly CancellationToken _stopping;

    public Guard(PocketSamOptions options, ServerMetrics metrics, IHostApplicationLifetime lifetime, ILogger<Guard> log)
    {
        (_metrics, _log, _stopping) = (metrics, log, lifetime.ApplicationStopping);
        _origins = new OriginCheck(options.AllowedHosts);
        _keyHash = options.ApiKey is { } key ? Hash(key) : null;
        _rate = PartitionedRateLimiter.Create<HttpContext, ClientAddress>(context => RateLimitPartition.GetTokenBucketLimiter(
            ClientAddress.Of(context),
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = 2 * options.RequestsPerSecond,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / options.RequestsPerSecond),
                QueueLimit = 0,
            }));
    }

    /// <summary>Lets a request through to its endpoint, or answers it.</summary>
    public async Task InvokeAsync(HttpContext context, Access access, RequestDelegate next)
    {
        long start = Stopwatch.GetTimestamp();
        SetHeaders(context.Response.Headers, access.Kind);
        int status;
        try
        {
            Admit(context, access.Kind);
            await next(context);
            status = context.Response.StatusCode;
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested)
        {
            status = e is ApiException known ? known.Status : ClientGone;
        }
        catch (Exception e)
        {
            ApiException? problem = e is OperationCanceledException && _stopping.IsCancellationRequested
                ? new ApiException(503, "stopping", "the service is being stopped") : Problems.Explain(e);
            if (problem is null)
                ServerLog.Failed(_log, e, access.Operation);
            problem ??= ApiException.Internal();
            status = problem.Status;
            ServerLog.Refused(_log, access.Operation, status, problem.Code);
            if (context.Response.HasStarted)
                context.Abort();
            else
                await Problems.WriteAsync(context, problem);
        }

        _metrics.AddRequest(access.Operation, status);
        if (access.Kind == AccessKind.Api)
            ServerLog.Answered(_log, access.Operation, status, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    public void Dispose() => _rate.Dispose();

    private static void SetHeaders(IHeaderDictionary headers, AccessKind kind)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = kind == AccessKind.Page ? "no-cache" : "no-store";
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private void Admit(HttpContext context, AccessKind kind)
    {
        _origins.Require(context, kind);
        if (kind == AccessKind.Health)
            return;
        using RateLimitLease lease = _rate.AttemptAcquire(context);
        if (!lease.IsAcquired)
        {
            TimeSpan wait = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan told) ? told : TimeSpan.FromSeconds(1);
            throw new ApiException(429, "rate_limited", "too many requests; wait a moment", wait);
        }

        if (kind == AccessKind.Api && _keyHash is not null)
            RequireKey(context, _keyHash);
    }

    /// <summary>Hashes are compared, in a time that tells nothing of where, or whether lengths, differ.</summary>
    private static void RequireKey(HttpContext context, byte[] keyHash)
    {
        if (context.Request.Headers[KeyHeader] is not [{ Length: > 0 } given])
            throw new ApiException(401, "key_missing", $"this service asks for a key: send it as {KeyHeader}");
        if (!CryptographicOperations.FixedTimeEquals(Hash(given), keyHash))
            throw new ApiException(401, "key_wrong", $"the key in {KeyHeader} is not the right one");
    }
}
