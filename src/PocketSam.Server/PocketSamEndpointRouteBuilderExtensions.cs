using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Endpoints;
using PocketSam.Server.Metrics;
using PocketSam.Server.Security;

namespace PocketSam.Server;

/// <summary>Maps PocketSam's endpoints in an application.</summary>
public static class PocketSamEndpointRouteBuilderExtensions
{
    /// <summary>Maps the service and its page under a prefix, and loads the model.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The path prefix, for instance <c>/segment</c>.</param>
    /// <returns>A builder for conventions of all endpoints, for instance <c>RequireAuthorization</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddPocketSam</c> has not been called.</exception>
    /// <exception cref="OptionsValidationException">Options are out of their ranges; the message names them.</exception>
    /// <exception cref="IOException">The model cannot be read.</exception>
    public static IEndpointConventionBuilder MapPocketSam(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "/")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        RouteGroupBuilder group = MapGroup(endpoints, prefix);
        ApiRoutes.Map(group, endpoints.ServiceProvider);
        PageRoutes.Map(group);
        return group;
    }

    /// <summary>
    /// Maps a group for further endpoints under the service's protection: its key, origin and host checks and rates,
    /// and with its headers, log and problem responses.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="operation">Name of all its endpoints in metrics and the log.</param>
    /// <param name="prefix">The path prefix of the group.</param>
    /// <exception cref="InvalidOperationException"><c>AddPocketSam</c> has not been called.</exception>
    public static RouteGroupBuilder MapPocketSamGroup(
        this IEndpointRouteBuilder endpoints, string operation, [StringSyntax("Route")] string prefix = "/")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(operation);
        ArgumentNullException.ThrowIfNull(prefix);
        RouteGroupBuilder group = MapGroup(endpoints, prefix);
        group.WithMetadata(new Access(operation, AccessKind.Api));
        return group;
    }

    private static RouteGroupBuilder MapGroup(IEndpointRouteBuilder endpoints, string prefix)
    {
        if (endpoints.ServiceProvider.GetService<ServerMetrics>() is null)
            throw new InvalidOperationException("call services.AddPocketSam() before MapPocketSam()");
        RouteGroupBuilder group = endpoints.MapGroup(prefix.TrimEnd('/'));

        // Applied last, so that the middleware runs before whatever the endpoints and the host add.
        ((IEndpointConventionBuilder)group).Finally(
            endpoint => endpoint.RequestDelegate = WithMiddleware(endpoints, endpoint.RequestDelegate!));
        return group;
    }

    /// <summary>
    /// Wraps an endpoint in the service's middleware, which thus applies to no other endpoint of the host.
    /// </summary>
    private static RequestDelegate WithMiddleware(IEndpointRouteBuilder endpoints, RequestDelegate endpoint)
    {
        IApplicationBuilder pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseMiddleware<RequestMetricsMiddleware>();
        pipeline.UseMiddleware<SecurityHeadersMiddleware>();
        pipeline.UseMiddleware<ProblemMiddleware>();
        pipeline.UseMiddleware<OriginMiddleware>();
        pipeline.UseMiddleware<RateLimitMiddleware>();
        pipeline.UseMiddleware<ApiKeyMiddleware>();
        pipeline.UseMiddleware<ClientShareMiddleware>();
        pipeline.Run(endpoint);
        return pipeline.Build();
    }
}
