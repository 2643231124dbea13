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

/// <summary>Adds PocketSam's endpoints to an application.</summary>
public static class PocketSamEndpointRouteBuilderExtensions
{
    /// <summary>Maps the service and its page below a prefix. The model is loaded here.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">Where it is mapped, for instance <c>/segment</c>.</param>
    /// <returns>For conventions on all endpoints, for instance <c>RequireAuthorization</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddPocketSam</c> was not called.</exception>
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
    /// A group for endpoints of others that are guarded as the service's own are: by the key, origins, hosts and rates, with its
    /// headers, its log and its answers to what they throw.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="operation">What metrics and the log call all of them.</param>
    /// <param name="prefix">What their addresses begin with.</param>
    /// <exception cref="InvalidOperationException"><c>AddPocketSam</c> was not called.</exception>
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

        // At the end, so that the middleware stands before whatever the endpoints and the host have added.
        ((IEndpointConventionBuilder)group).Finally(
            endpoint => endpoint.RequestDelegate = WithMiddleware(endpoints, endpoint.RequestDelegate!));
        return group;
    }

    /// <summary>The service's own middleware stands before its endpoints, and before none of the host's others.</summary>
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
