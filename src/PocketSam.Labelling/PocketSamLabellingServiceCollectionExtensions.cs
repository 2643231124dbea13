using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PocketSam.Labelling.Endpoints;
using PocketSam.Labelling.Exchange;
using PocketSam.Labelling.Improvement;
using PocketSam.Labelling.Jobs;
using PocketSam.Labelling.Live;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling;

/// <summary>Adds a labelling project to the services of an application.</summary>
public static class PocketSamLabellingServiceCollectionExtensions
{
    /// <summary>
    /// Adds the services that <see cref="PocketSamLabellingEndpointRouteBuilderExtensions.MapPocketSamLabelling"/>
    /// needs, beside those of <c>AddPocketSam</c>.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddPocketSamLabelling(
        this IServiceCollection services, Action<PocketSamLabellingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<PocketSamLabellingOptions>().Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new PictureFolder(Options(provider).Folder));
        services.AddSingleton(Database);
        services.AddSingleton<EventHub>();
        services.AddSingleton<Presence>();
        services.AddSingleton<Thumbnails>();
        services.AddSingleton<LabelJobs>();
        services.AddSingleton<ClassifyJob>();
        services.AddSingleton<ProposalJob>();
        services.AddSingleton<PictureSearch>();
        services.AddSingleton<SimilarJob>();
        services.AddSingleton<WordsJob>();
        services.AddSingleton(provider => new ModelFiles(PocketSamLabellingOptions.FileOf(Options(provider))));
        services.AddSingleton<ImproveJob>();
        services.AddSingleton<FolderWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<FolderWatch>());
        services.AddSingleton<Embeddings>();
        services.AddHostedService(provider => provider.GetRequiredService<Embeddings>());
        services.AddSingleton<Importer>();
        services.AddSingleton<ProjectExport>();
        services.AddSingleton<ProjectEndpoints>();
        services.AddSingleton<PictureEndpoints>();
        services.AddSingleton<ChangeEndpoints>();
        services.AddSingleton<ExchangeEndpoints>();
        services.AddSingleton<JobEndpoints>();
        return services;
    }

    private static PocketSamLabellingOptions Options(IServiceProvider provider)
        => provider.GetRequiredService<IOptions<PocketSamLabellingOptions>>().Value;

    private static ProjectDatabase Database(IServiceProvider provider)
    {
        PocketSamLabellingOptions options = Options(provider);
        return string.IsNullOrEmpty(options.Database)
            ? new SqliteDatabase(PocketSamLabellingOptions.FileOf(options))
            : new PostgresDatabase(options.Database);
    }
}
