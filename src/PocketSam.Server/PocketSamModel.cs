namespace PocketSam.Server;

/// <summary>
/// The service's model, which can be replaced while the service runs. A singleton among the services of <see
/// cref="PocketSamServiceCollectionExtensions.AddPocketSam"/>.
/// </summary>
public sealed class PocketSamModel
{
    private readonly Lock _gate = new();
    private volatile Sam _current;

    internal PocketSamModel(Sam sam) => (First, _current) = (sam, sam);

    /// <summary>The model that encodes new pictures.</summary>
    public Sam Current => _current;

    /// <summary>The model that the service started with, for which the host's grounder was made.</summary>
    internal Sam First { get; }

    /// <summary>Raised after the model has been replaced.</summary>
    internal event Action? Replaced;

    /// <summary>
    /// Replaces the model. Running work ends with the previous model. The service drops its pictures, as their
    /// embeddings belong to the previous model, and answers requests for them as unknown.
    /// </summary>
    /// <param name="sam">The model, with the previous model's input size and number of embedding channels.</param>
    /// <exception cref="ArgumentException">The input size or the number of channels differs.</exception>
    public void Replace(Sam sam)
    {
        ArgumentNullException.ThrowIfNull(sam);
        lock (_gate)
        {
            if (sam.Config.ImageSize != _current.Config.ImageSize || sam.Config.FeatureChannels != _current.Config.FeatureChannels)
            {
                throw new ArgumentException(
                    $"{sam.Name}: its input of {sam.Config.ImageSize} pixels and {sam.Config.FeatureChannels} channels are not those of {_current.Name}, "
                    + $"{_current.Config.ImageSize} and {_current.Config.FeatureChannels}", nameof(sam));
            }

            _current = sam;
            Replaced?.Invoke();
        }
    }
}
