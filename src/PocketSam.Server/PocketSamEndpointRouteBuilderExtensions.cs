using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PocketSam.Server.Api;
using PocketSam.Server.Endpoints;
using PocketSam.Server.Guarding;
using PocketSam.Server.Observing;
using PocketSam.Server.Page;

namespace PocketSam.Server;

/// <summary>Adds PocketSam's endpoints to an application.</summary>
public static class PocketSamEndpointRouteBuilderExtensions
{
    private const string Index = "index.html";

    /// <summary>Maps the service and its page below a prefix.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">Where it is mapped, for instance <c>/segment</c>.</param>
    /// <returns>For conventions on all endpoints, for instance <c>RequireAuthorization</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddPocketSam</c> was not called.</exception>
    public static IEndpointConventionBuilder MapPocketSam(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "/")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        IServiceProvider services = endpoints.ServiceProvider;
        var guard = services.GetService<Guard>()
            ?? throw new InvalidOperationException("call services.AddPocketSam() before MapPocketSam()");
        var info = services.GetRequiredService<InfoEndpoint>();
        var images = services.GetRequiredService<ImageEndpoints>();
        var predict = services.GetRequiredService<PredictEndpoint>();
        var everything = services.GetRequiredService<EverythingEndpoint>();
        var export = services.GetRequiredService<ExportEndpoint>();
        var metrics = services.GetRequiredService<ServerMetrics>();
        RouteGroupBuilder group = endpoints.MapGroup(prefix.TrimEnd('/'));

        Api(group.MapGet("api/v1/info", (HttpContext context, CancellationToken _) => info.GetAsync(context)), "info");
        Api(group.MapPost("api/v1/images", (HttpContext context, CancellationToken _) => images.UploadAsync(context)), "upload");
        Api(group.MapGet("api/v1/images/{id}", (HttpContext context, string id) => images.GetAsync(context, id)), "image");
        Api(group.MapDelete("api/v1/images/{id}", (HttpContext context, string id) => images.DeleteAsync(context, id)), "delete");
        Api(group.MapGet("api/v1/images/{id}/events", (HttpContext context, string id) => images.WatchAsync(context, id)), "events");
        Api(group.MapPost("api/v1/images/{id}/predict", (HttpContext context, string id) => predict.PredictAsync(context, id)), "predict");
        Api(group.MapPost("api/v1/images/{id}/everything", (HttpContext context, string id) => everything.FindAsync(context, id)), "everything");
        Api(group.MapPost("api/v1/images/{id}/export", (HttpContext context, string id) => export.ExportAsync(context, id)), "export");
        Api(group.MapGet("metrics", (HttpContext context, CancellationToken _) =>
        {
            context.Response.ContentType = ServerMetrics.ContentType;
            return context.Response.WriteAsync(metrics.Write(), Encoding.UTF8, context.RequestAborted);
        }), "metrics");
        Guarded(group.MapGet("healthz", (HttpContext context, CancellationToken _) => JsonBody.WriteAsync(
            context, new HealthDocument("ok"), JsonBody.Types.HealthDocument)), "health", AccessKind.Health);
        MapSamples();
        MapPage();
        return group;

        void MapSamples()
        {
            IReadOnlyList<EmbeddedFile> samples = EmbeddedFile.AllOf("samples");
            SampleDocument[] list = [.. samples.Select(file => new SampleDocument(file.Path, $"api/v1/samples/{file.Path}"))];
            Api(group.MapGet("api/v1/samples", (HttpContext context, CancellationToken _) => JsonBody.WriteAsync(
                context, list, JsonBody.Types.IReadOnlyListSampleDocument)), "samples");
            foreach (EmbeddedFile file in samples)
                Guarded(MapFile($"api/v1/samples/{file.Path}", file.SendAsync), "sample", AccessKind.Page);
        }

        void MapPage()
        {
            foreach (EmbeddedFile file in EmbeddedFile.AllOf("wwwroot"))
            {
                Guarded(MapFile(file.Path, file.SendAsync), "page", AccessKind.Page);
                if (file.Path == Index)
                    Guarded(MapFile("", context => SendIndexAsync(context, file)), "page", AccessKind.Page);
            }
        }

        IEndpointConventionBuilder MapFile(string path, RequestDelegate send)
            => group.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], send);

        void Api(IEndpointConventionBuilder endpoint, string operation) => Guarded(endpoint, operation, AccessKind.Api);

        void Guarded(IEndpointConventionBuilder endpoint, string operation, AccessKind kind)
        {
            var access = new Access(operation, kind);
            endpoint.Add(builder =>
            {
                RequestDelegate next = builder.RequestDelegate!;
                builder.Metadata.Add(access);
                builder.RequestDelegate = context => guard.InvokeAsync(context, access, next);
            });
        }
    }

    /// <summary>The page's addresses are relative to its own, which has to end with a slash.</summary>
    private static Task SendIndexAsync(HttpContext context, EmbeddedFile index)
    {
        if (context.Request.Path.Value is not { } path || path.EndsWith('/'))
            return index.SendAsync(context);
        context.Response.Redirect($"{context.Request.PathBase}{path}/", permanent: false, preserveMethod: true);
        return Task.CompletedTask;
    }
}
