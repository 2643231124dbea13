using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Api;

/// <summary>Turns exceptions into problem responses.</summary>
internal sealed class ProblemMiddleware(IHostApplicationLifetime lifetime, ILogger<ProblemMiddleware> log) : IMiddleware
{
    /// <summary>Status for clients that disconnect before the response, as in nginx.</summary>
    private const int ClientGone = 499;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Features.Set(new RequestOutcome(e is ApiException known ? known.Status : ClientGone));
        }
        catch (Exception e)
        {
            await AnswerAsync(context, e);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception error)
    {
        string operation = Access.Of(context).Operation;
        ApiException? problem = error is OperationCanceledException && lifetime.ApplicationStopping.IsCancellationRequested
            ? new ApiException(503, "stopping", "the service is being stopped") : Problems.Explain(error);
        if (problem is null)
            ServerLog.Failed(log, error, operation);
        problem ??= ApiException.Internal();
        ServerLog.Refused(log, operation, problem.Status, problem.Code);
        context.Features.Set(new RequestOutcome(problem.Status));
        if (context.Response.HasStarted)
            context.Abort();
        else
            await Problems.WriteAsync(context, problem);
    }
}
