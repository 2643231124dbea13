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

/// <summary>A stand-alone application of the service, as <c>pocketsam serve</c> runs it.</summary>
public static class PocketSamApplication
{
    private const int MaxConnections = 512;
    private const int MaxConnectionsOfClient = 256;

    /// <summary>
    /// Least rate of reading a response, in bytes per second, since a response stays in memory until it is read.
    /// </summary>
    private const int LeastRate = 16 << 10;

    /// <summary>Creates the application; it listens once it is started.</summary>
    /// <param name="address">The address to listen on; port 0 takes a free one.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="logging">Configures logging; by default there is none.</param>
    /// <param name="services">Adds further services.</param>
    /// <exception cref="OptionsValidationException">Options are out of their ranges; the message names them.</exception>
    public static WebApplication Create(
        IPEndPoint address,
        Action<PocketSamOptions>? configure = null,
        Action<ILoggingBuilder>? logging = null,
        Action<IServiceCollection>? services = null)
    {
        ArgumentNullException.ThrowIfNull(address);

        // An empty builder reads no files and no environment variables, so the working directory cannot change what is
        // served.
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
    /// Stops an application from <see cref="Create"/> gracefully: <c>readyz</c> returns 503 at once, requests are still
    /// answered, and the application stops when no request runs and no picture is being encoded, or after <paramref
    /// name="most"/>.
    /// </summary>
    /// <param name="application">The running application.</param>
    /// <param name="least">Shortest time until it stops, in which load balancers notice <c>readyz</c>.</param>
    /// <param name="most">Longest time until it stops; requests that still run are then cancelled.</param>
    public static async Task DrainAsync(WebApplication application, TimeSpan least, TimeSpan most)
    {
        ArgumentNullException.ThrowIfNull(application);
        var queue = application.Services.GetRequiredService<EncodingQueue>();
        bool isDone = await application.Services.GetRequiredService<Drain>().WaitAsync(least, most, () => queue.IsIdle);
        if (!isDone)
            ServerLog.DrainedInPart(application.Logger, most.TotalSeconds);
        await application.StopAsync();
    }

    /// <summary>The problem for a response of routing itself, which has only a status.</summary>
    private static ApiException Unrouted(HttpContext context)
        => context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
        ? new ApiException(405, "method_not_allowed", $"this address does not take {context.Request.Method}")
        : new ApiException(context.Response.StatusCode, "not_found", "there is nothing at this address");
}
