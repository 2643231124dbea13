using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Api;

/// <summary>Counts all requests, and logs and traces those of the API.</summary>
internal sealed class RequestMetricsMiddleware(ServerMetrics metrics, Drain drain, ILogger<RequestMetricsMiddleware> log) : IMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        long start = Stopwatch.GetTimestamp();
        Access access = Access.Of(context);
        using Activity? span = access.Kind == AccessKind.Api ? ServerTrace.Start(access.Operation) : null;
        drain.Enter();
        try
        {
            await next(context);
        }
        finally
        {
            drain.Leave();
        }

        int status = context.Features.Get<RequestOutcome>()?.Status ?? context.Response.StatusCode;
        metrics.AddRequest(access.Operation, status);
        span?.SetTag(ServerTrace.Status, status);
        if (access.Kind == AccessKind.Api)
            ServerLog.Answered(log, access.Operation, status, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
