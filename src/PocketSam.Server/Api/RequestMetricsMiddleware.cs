using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Api;

/// <summary>Counts every request, and logs those of the API.</summary>
internal sealed class RequestMetricsMiddleware(ServerMetrics metrics, ILogger<RequestMetricsMiddleware> log) : IMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        long start = Stopwatch.GetTimestamp();
        await next(context);
        Access access = Access.Of(context);
        int status = context.Features.Get<RequestOutcome>()?.Status ?? context.Response.StatusCode;
        metrics.AddRequest(access.Operation, status);
        if (access.Kind == AccessKind.Api)
            ServerLog.Answered(log, access.Operation, status, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
