using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;
using PocketSam.Server.Security;

namespace PocketSam.Server;

/// <summary>An application that is PocketSam and nothing else, as <c>pocketsam serve</c> runs it.</summary>
public static class PocketSamApplication
{
    private const int MaxConnections = 512;
    private const int MaxConnectionsOfClient = 256;

    /// <summary>Bytes a second in which an answer must be taken: what waits for a client is in memory.</summary>
    private const int LeastRate = 16 << 10;

    /// <summary>Puts the application together; it listens when it is started.</summary>
    /// <param name="address">Where it listens; port 0 takes a free one.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="logging">Says where the log goes; by default nowhere.</param>
    /// <param name="services">Adds services of the caller's own.</param>
    /// <exception cref="OptionsValidationException">Options are out of their ranges; the message names them.</exception>
    public static WebApplication Create(
        IPEndPoint address,
        Action<PocketSamOptions>? configure = null,
        Action<ILoggingBuilder>? logging = null,
        Action<IServiceCollection>? services = null)
    {
        ArgumentNullException.ThrowIfNull(address);

        // An empty builder reads no files and no variables: nothing of the working directory changes what is served.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MinResponseDataRate = new MinDataRate(LeastRate, gracePeriod: TimeSpan.FromSeconds(10));
            var shares = new ConnectionShares(MaxConnectionsOfClient);
            kestrel.Listen(address, listen => listen.Use(next => connection => shares.ServeAsync(connection, next)));
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services.AddHostedService(provider => new IdleCollection(provider.GetRequiredService<TimeProvider>()));
        logging?.Invoke(builder.Logging);
        services?.Invoke(builder.Services);
        builder.Services.AddPocketSam(configure);
        WebApplication application = builder.Build();
        application.UseStatusCodePages(context => Problems.WriteAsync(context.HttpContext, Unrouted(context.HttpContext)));
        application.UseRouting();
        application.MapPocketSam();
        return application;
    }

    /// <summary>
    /// Ends an application that <see cref="Create"/> made, without losing what it was asked: <c>readyz</c> says 503 at once, requests are
    /// still answered, and when none runs and no picture is encoded any more, or after <paramref name="most"/>, it stops.
    /// </summary>
    /// <param name="application">The application, which runs.</param>
    /// <param name="least">Goes on for so long at least, so that who looks at <c>readyz</c> sends no more.</param>
    /// <param name="most">Waits no longer for requests; what runs then is cancelled.</param>
    public static async Task DrainAsync(WebApplication application, TimeSpan least, TimeSpan most)
    {
        ArgumentNullException.ThrowIfNull(application);
        var queue = application.Services.GetRequiredService<EncodingQueue>();
        bool isDone = await application.Services.GetRequiredService<Drain>().WaitAsync(least, most, () => queue.IsIdle);
        if (!isDone)
            ServerLog.DrainedInPart(application.Logger, most.TotalSeconds);
        await application.StopAsync();
    }

    /// <summary>What routing answers on its own, it answers with a status alone.</summary>
    private static ApiException Unrouted(HttpContext context)
        => context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
        ? new ApiException(405, "method_not_allowed", $"this address does not take {context.Request.Method}")
        : new ApiException(context.Response.StatusCode, "not_found", "there is nothing at this address");
}
