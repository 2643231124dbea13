namespace PocketSam.Server;

/// <summary>
/// The model that answers, which another one may take the place of while the service runs. A singleton among the services of
/// <see cref="PocketSamServiceCollectionExtensions.AddPocketSam"/>.
/// </summary>
public sealed class PocketSamModel
{
    private readonly Lock _gate = new();
    private volatile Sam _current;

    internal PocketSamModel(Sam sam) => (First, _current) = (sam, sam);

    /// <summary>The model that pictures are encoded with from now on.</summary>
    public Sam Current => _current;

    /// <summary>The model that the service began with, which a grounder of the host was made for.</summary>
    internal Sam First { get; }

    /// <summary>Told after another model has taken the place.</summary>
    internal event Action? Replaced;

    /// <summary>
    /// Has another model answer. What is running is finished with the one before; the pictures that the service keeps are dropped, as
    /// their embeddings are another model's, and clients are told that they are unknown.
    /// </summary>
    /// <param name="sam">The model, whose input and embedding are of the size of those of the one before.</param>
    /// <exception cref="ArgumentException">They are of another size.</exception>
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
