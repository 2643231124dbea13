namespace PocketSam;

/// <summary>
/// An image encoder outside this library, for instance on a GPU. <see cref="Sam.WithBackend"/> replaces a model's own
/// by it. Must be safe for concurrent calls.
/// </summary>
public interface IEncoderBackend
{
    /// <summary>Computes the features of a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="features">Receives the features, <c>[C, S/16, S/16]</c>.</param>
    /// <param name="cancellation">Stops the computation if possible.</param>
    void Encode(BackendPicture picture, Memory<float> features, CancellationToken cancellation);
}
