namespace PocketSam;

/// <summary>
/// An image encoder that computes elsewhere, on a graphics card for instance. <see cref="Sam.WithBackend"/> puts it in the place
/// of a model's own. Any number of threads may call it.
/// </summary>
public interface IEncoderBackend
{
    /// <summary>Computes a picture's features.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="features">Takes them, [C, S/16, S/16].</param>
    /// <param name="cancellation">Stops the work where that is possible.</param>
    void Encode(BackendPicture picture, Memory<float> features, CancellationToken cancellation);
}
