
namespace PocketSam.Server.Images;

/// <summary>Computes embeddings of pictures.</summary>
internal interface IImageEncoder
{
    /// <summary>Encodes a picture with a model, and prepares the embedding for its first prompt.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    ImageEmbedding Encode(Sam sam, RgbImage picture, IProgress<double> progress, CancellationToken cancellation);

    /// <summary>Does the one-time work that would delay the first picture.</summary>
    void WarmUp();
}
