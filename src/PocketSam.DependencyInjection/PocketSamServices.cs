using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PocketSam.DependencyInjection;

/// <summary>Registers PocketSam in the services of any application; PocketSam.Server has the HTTP service.</summary>
public static class PocketSamServices
{
    /// <summary>
    /// Registers a <see cref="Sam"/> and a <see cref="MaskGenerator"/> over it as singletons. The model is loaded when
    /// one of them is first resolved; existing registrations of these types are kept.
    /// </summary>
    /// <param name="services">The services to register in.</param>
    /// <param name="model">A model's name or a file, as for <see cref="Sam.Load(string)"/>.</param>
    /// <param name="options">Options of the generator; null for the model's defaults.</param>
    public static IServiceCollection AddPocketSam(
        this IServiceCollection services, string model = Sam.DefaultName, MaskGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(model);
        services.TryAddSingleton(_ => Sam.Load(model));
        services.TryAddSingleton(provider => new MaskGenerator(provider.GetRequiredService<Sam>(), options));
        return services;
    }
}
