using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Endpoints;
using PocketSam.Labelling.Improvement;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling;

/// <summary>Adds the endpoints of a labelling project to an application.</summary>
public static class PocketSamLabellingEndpointRouteBuilderExtensions
{
    private const string Operation = "label";

    /// <summary>
    /// Opens the project, or makes it, and maps its endpoints below a prefix, as <c>MapPocketSam</c> maps the service's. A
    /// copy of a project's file is taken first, and steps of later versions are made up for. Where an improved model was accepted for the
    /// project, and was made of the one that is registered, it takes that one's place.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">Where <c>MapPocketSam</c> mapped the service.</param>
    /// <returns>For conventions on all endpoints, for instance <c>RequireAuthorization</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddPocketSamLabelling</c> or <c>AddPocketSam</c> was not called.</exception>
    /// <exception cref="IOException">
    /// There is no such folder, or the project cannot be used: it is damaged, of a later version, no project, or the database
    /// cannot be reached. Nothing is then written.
    /// </exception>
    public static IEndpointConventionBuilder MapPocketSamLabelling(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "/")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        IServiceProvider services = endpoints.ServiceProvider;
        if (services.GetService<PictureFolder>() is null)
            throw new InvalidOperationException("call services.AddPocketSamLabelling() before MapPocketSamLabelling()");
        Task.Run(() => OpenAsync(
            services.GetRequiredService<ProjectDatabase>(),
            services.GetRequiredService<IOptions<PocketSamLabellingOptions>>().Value)).GetAwaiter().GetResult();
        PocketSamModel model = services.GetRequiredService<PocketSamModel>();
        if (services.GetRequiredService<ModelFiles>().InUse(model.Current) is var improved && !ReferenceEquals(improved, model.Current))
            model.Replace(improved);
        RouteGroupBuilder group = endpoints.MapPocketSamGroup(Operation, $"{prefix.TrimEnd('/')}/api/label");
        group.ExcludeFromDescription();
        LabelRoutes.Map(group, services);
        return group;
    }

    private static async Task OpenAsync(ProjectDatabase database, PocketSamLabellingOptions options)
    {
        await database.PrepareAsync();
        try
        {
            await database.WriteAsync(async session =>
            {
                foreach (string name in options.Classes.Where(name => !string.IsNullOrWhiteSpace(name)))
                    await ClassTable.EnsureAsync(session, name.Trim());
            });
        }
        catch (LabelException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
