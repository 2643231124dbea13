using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PocketSam.DependencyInjection;

/// <summary>Adds PocketSam to the services of any application; the HTTP service is in PocketSam.Server.</summary>
public static class PocketSamServices
{
    /// <summary>
    /// Adds a <see cref="Sam"/> and a <see cref="MaskGenerator"/> that asks it, one each for the whole application. The model is loaded
    /// when one of them is first asked for; those that are registered already stay.
    /// </summary>
    /// <param name="services">Added to.</param>
    /// <param name="model">As for <see cref="Sam.Load(string)"/>: a name or a file.</param>
    /// <param name="options">What the generator keeps; thresholds that are not set are the model's own.</param>
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
