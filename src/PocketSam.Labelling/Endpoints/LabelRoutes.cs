using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Endpoints;

/// <summary>Maps the paths of a project's operations.</summary>
internal static class LabelRoutes
{
    public static void Map(RouteGroupBuilder group, IServiceProvider services)
    {
        var project = services.GetRequiredService<ProjectEndpoints>();
        Get("project", project.GetAsync);
        Post("rescan", project.RescanAsync);
        Get("events", project.ListenAsync);
        Post("classes", project.AddClassAsync);
        Put("classes/{id}", project.UpdateClassAsync);
        Delete("classes/{id}", project.RemoveClassAsync);

        var pictures = services.GetRequiredService<PictureEndpoints>();
        Get("pictures", pictures.ListAsync);
        Get("pictures/next", pictures.NextAsync);
        Get("pictures/{id}", pictures.GetAsync);
        Get("pictures/{id}/image", pictures.GetImageAsync);
        Get("pictures/{id}/thumbnail", pictures.GetThumbnailAsync);
        Post("pictures/{id}/embed", pictures.EmbedAsync);
        Post("pictures/{id}/open", pictures.OpenAsync);
        Post("pictures/{id}/close", pictures.CloseAsync);

        var changes = services.GetRequiredService<ChangeEndpoints>();
        Post("pictures/{id}/changes", changes.ChangeAsync);
        Post("pictures/{id}/undo", changes.UndoAsync);
        Post("pictures/{id}/redo", changes.RedoAsync);
        Get("pictures/{id}/history", changes.GetHistoryAsync);
        Get("pictures/{id}/proposals", changes.GetProposalsAsync);
        Post("pictures/{id}/proposals/{proposal}/dismiss", changes.DismissAsync);

        var exchange = services.GetRequiredService<ExchangeEndpoints>();
        Post("import", exchange.ImportAsync);
        Get("export", exchange.ExportAsync);

        var jobs = services.GetRequiredService<JobEndpoints>();
        Get("jobs", jobs.ListAsync);
        Delete("jobs/{id}", jobs.CancelAsync);
        Post("proposals", jobs.ProposeAsync);
        Post("similar", jobs.FindSimilarAsync);
        Post("words", jobs.FindWordsAsync);
        Post("classify", jobs.ClassifyAsync);
        Post("improve", jobs.ImproveAsync);
        Post("improve/accept", jobs.AcceptAsync);
        Post("improve/back", jobs.GoBackAsync);

        void Get(string path, RequestDelegate answer) => group.MapGet(path, Guard(answer));
        void Post(string path, RequestDelegate answer) => group.MapPost(path, Guard(answer));
        void Put(string path, RequestDelegate answer) => group.MapPut(path, Guard(answer));
        void Delete(string path, RequestDelegate answer) => group.MapDelete(path, Guard(answer));
    }

    /// <summary>Writes failures of the project as problems; other exceptions go to the service's handler.</summary>
    private static RequestDelegate Guard(RequestDelegate answer) => async context =>
    {
        try
        {
            await answer(context);
        }
        catch (LabelException problem) when (!context.Response.HasStarted)
        {
            await LabelBody.WriteProblemAsync(context, problem);
        }
        catch (IOException e) when (e is not (BadHttpRequestException or ImageFormatException) && !context.Response.HasStarted
            && !context.RequestAborted.IsCancellationRequested)
        {
            // Usually a temporary file of an import or export.
            await LabelBody.WriteProblemAsync(context, new LabelException(503, "disk_failed", $"the service's disk fails: {e.Message}"));
        }
    };
}
