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
    /// Opens or creates the project, and maps its endpoints below a prefix, as <c>MapPocketSam</c> maps those of the
    /// service. An existing project file is backed up first, and migrated if it is of an older version. If an improved
    /// model of the registered one has been accepted for the project, it replaces the registered one.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The prefix that <c>MapPocketSam</c> got.</param>
    /// <returns>The builder for conventions on all endpoints, for instance <c>RequireAuthorization</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddPocketSamLabelling</c> or <c>AddPocketSam</c> is
    /// missing.</exception>
    /// <exception cref="IOException">The folder does not exist, or the project cannot be used: it is damaged, of a
    /// newer version, not a project, or the database cannot be reached. Nothing is written then.</exception>
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
