using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PocketSam.Server.Computing;
using PocketSam.Server.Describing;
using PocketSam.Server.Endpoints;
using PocketSam.Server.Guarding;
using PocketSam.Server.Images;
using PocketSam.Server.Observing;

namespace PocketSam.Server;

/// <summary>Adds PocketSam to the services of an application.</summary>
public static class PocketSamServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <see cref="PocketSamEndpointRouteBuilderExtensions.MapPocketSam"/> needs. The model is loaded when that is
    /// called; a <see cref="Sam"/> that is registered before is used instead.
    /// </summary>
    /// <param name="services">Added to.</param>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IServiceCollection AddPocketSam(
        this IServiceCollection services, Action<PocketSamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new PocketSamOptions();
        configure?.Invoke(options);
        options.Validate();
        services.AddSingleton(options);
        services.TryAddSingleton(_ => Sam.Load(options.Model));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IPictureEncoder, SamEncoder>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<Guard>();
        services.AddSingleton<ImageStore>();
        services.AddSingleton<EncodeQueue>();
        services.AddSingleton<Uploads>();
        services.AddPocketSamDescription();
        services.AddSingleton<InfoEndpoint>();
        services.AddSingleton<ImageEndpoints>();
        services.AddSingleton<PredictEndpoint>();
        services.AddSingleton<EverythingEndpoint>();
        services.AddSingleton<ExportEndpoint>();
        return services;
    }
}
