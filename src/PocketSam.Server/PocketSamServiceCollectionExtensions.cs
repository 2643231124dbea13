using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Decoding;
using PocketSam.Server.Endpoints;
using PocketSam.Server.Exports;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;
using PocketSam.Server.OpenApi;
using PocketSam.Server.Security;

namespace PocketSam.Server;

/// <summary>Registers PocketSam in the services of an application.</summary>
public static class PocketSamServiceCollectionExtensions
{
    /// <summary>
    /// Registers the services of <see cref="PocketSamEndpointRouteBuilderExtensions.MapPocketSam"/>, which loads the
    /// model. A <see cref="Sam"/> that is already registered is used instead, and a registered <see
    /// cref="ITextGrounder"/> replaces the model's own words.
    /// </summary>
    /// <param name="services">The services to register in.</param>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddPocketSam(
        this IServiceCollection services, Action<PocketSamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<PocketSamOptions> options = services.AddOptions<PocketSamOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<PocketSamOptions>, PocketSamOptionsValidator>());
        services.TryAddSingleton(provider => Sam.Load(provider.GetRequiredService<IOptions<PocketSamOptions>>().Value.Model));
        services.AddSingleton(provider => new PocketSamModel(provider.GetRequiredService<Sam>()));
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton(_ => new LargeGarbage());
        services.AddSingleton<Drain>();
        services.AddSingleton<TextOffer>();
        services.AddSingleton(provider => new PocketSamWords(
            provider.GetRequiredService<TextOffer>(), provider.GetRequiredService<PocketSamModel>(),
            provider.GetRequiredService<IOptions<PocketSamOptions>>()));
        services.AddSingleton<ImageStore>();
        services.AddSingleton<SharedPictures>();
        services.TryAddSingleton<IImageEncoder, SamImageEncoder>();
        services.AddSingleton<EncodingQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<EncodingQueue>());
        services.AddSingleton<RequestBodies>();
        services.AddSingleton<Uploads>();
        services.AddSingleton<PictureFinder>();
        services.AddSingleton<DecoderOffer>();
        services.AddSingleton(provider => new PocketSamPictures(
            provider.GetRequiredService<Uploads>(), provider.GetRequiredService<ImageStore>()));
        services.AddSingleton<Exporter>();
        services.AddPocketSamDescription();
        services.AddSingleton<RequestMetricsMiddleware>();
        services.AddSingleton<SecurityHeadersMiddleware>();
        services.AddSingleton<ProblemMiddleware>();
        services.AddSingleton<OriginMiddleware>();
        services.AddSingleton<RateLimitMiddleware>();
        services.AddSingleton<ApiKeyMiddleware>();
        services.AddSingleton<ClientShareMiddleware>();
        services.AddSingleton<InfoEndpoint>();
        services.AddSingleton<ImageEndpoints>();
        services.AddSingleton<DecodingEndpoints>();
        services.AddSingleton<PredictEndpoint>();
        services.AddSingleton<MaskSearch>();
        services.AddSingleton<EverythingEndpoint>();
        services.AddSingleton<FindEndpoint>();
        services.AddSingleton<ExportEndpoint>();
        return services;
    }
}
