using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PocketSam.Server;
using PocketSam.Server.Api;
using PocketSam.Server.Images;

namespace PocketSam.Labelling;

/// <summary>Adds a labelling project to an application that serves PocketSam.</summary>
public static class PocketSamLabellingExtensions
{
    private const string Operation = "label";

    /// <summary>
    /// Maps a project's addresses, <c>api/label/...</c>, which the page at <c>label/</c> asks. Call it after <c>MapPocketSam</c>, with
    /// the same prefix.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="project">The project, which stays open as long as the application runs.</param>
    /// <param name="prefix">Where the service is mapped.</param>
    /// <exception cref="InvalidOperationException"><c>AddPocketSam</c> was not called.</exception>
    public static IEndpointConventionBuilder MapPocketSamLabelling(
        this IEndpointRouteBuilder endpoints, LabelProject project, string prefix = "/")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(prefix);
        IServiceProvider services = endpoints.ServiceProvider;
        Uploads uploads = services.GetService<Uploads>()
            ?? throw new InvalidOperationException("call services.AddPocketSam() before MapPocketSamLabelling()");
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        CancellationToken stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var label = new LabelEndpoints(project, uploads, services.GetRequiredService<Sam>(), new Presence(time), new ProjectEvents());
        RouteGroupBuilder group = endpoints.MapGroup($"{prefix.TrimEnd('/')}/api/label");
        const string Picture = "pictures/{id:long}", Class = "classes/{id:long}";
        Get("project", label.ProjectAsync);
        Get("pictures", label.PicturesAsync);
        Get("pictures/next", label.NextAsync);
        GetOf(Picture, label.PictureAsync);
        GetOf($"{Picture}/image", label.ImageAsync);
        GetOf($"{Picture}/thumbnail", label.ThumbnailAsync);
        GetOf($"{Picture}/history", label.HistoryAsync);
        Post($"{Picture}/embed", label.EmbedAsync);
        Post($"{Picture}/changes", label.ChangeAsync);
        Post($"{Picture}/undo", (context, id) => label.UndoAsync(context, id, undo: true));
        Post($"{Picture}/redo", (context, id) => label.UndoAsync(context, id, undo: false));
        Post($"{Picture}/open", label.OpenAsync);
        Post($"{Picture}/close", label.CloseAsync);
        group.MapPost("classes", (HttpContext context, CancellationToken _) => label.AddClassAsync(context)).WithMetadata(Access());
        group.MapPut(Class, (HttpContext context, long id) => label.ChangeClassAsync(context, id)).WithMetadata(Access());
        group.MapDelete(Class, (HttpContext context, long id) => label.RemoveClassAsync(context, id)).WithMetadata(Access());
        group.MapPost("similar", (HttpContext context, CancellationToken _) => label.SimilarAsync(context)).WithMetadata(Access(2));
        group.MapPost("import", (HttpContext context, CancellationToken _) => label.ImportAsync(context)).WithMetadata(Access(2));
        group.MapGet("export", (HttpContext context, CancellationToken _) => label.ExportAsync(context)).WithMetadata(Access(2));
        group.MapGet("events", (HttpContext context, CancellationToken _) => label.EventsAsync(context, stopping)).WithMetadata(Access());
        PocketSamEndpointRouteBuilderExtensions.Protect(endpoints, group);
        return group;

        void Get(string path, Func<HttpContext, Task> answer)
            => group.MapGet(path, (HttpContext context, CancellationToken _) => answer(context)).WithMetadata(Access());

        void GetOf(string path, Func<HttpContext, long, Task> answer)
            => group.MapGet(path, (HttpContext context, long id) => answer(context, id)).WithMetadata(Access());

        void Post(string path, Func<HttpContext, long, Task> answer)
            => group.MapPost(path, (HttpContext context, long id) => answer(context, id)).WithMetadata(Access());
    }

    private static Access Access(int atOnce = int.MaxValue) => new(Operation, AccessKind.Api, atOnce);
}
