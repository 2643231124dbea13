using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PocketSam.Server.Endpoints;
using PocketSam.Server.Guarding;

namespace PocketSam.Server;

/// <summary>Adds PocketSam's endpoints to an application.</summary>
public static class PocketSamEndpointRouteBuilderExtensions
{
    /// <summary>Maps the service and its page below a prefix. The model is loaded here.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">Where it is mapped, for instance <c>/segment</c>.</param>
    /// <returns>For conventions on all endpoints, for instance <c>RequireAuthorization</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddPocketSam</c> was not called.</exception>
    /// <exception cref="IOException">The model cannot be read.</exception>
    public static IEndpointConventionBuilder MapPocketSam(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "/")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        IServiceProvider services = endpoints.ServiceProvider;
        Guard guard = services.GetService<Guard>()
            ?? throw new InvalidOperationException("call services.AddPocketSam() before MapPocketSam()");
        RouteGroupBuilder group = endpoints.MapGroup(prefix.TrimEnd('/'));
        ApiRoutes.Map(group, services);
        PageRoutes.Map(group);

        // At the end, so that the guard stands before whatever the endpoints and the host have added.
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            Access access = endpoint.Metadata.OfType<Access>().Single();
            RequestDelegate next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => guard.InvokeAsync(context, access, next);
        });
        return group;
    }
}
