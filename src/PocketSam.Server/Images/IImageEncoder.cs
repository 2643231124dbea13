
namespace PocketSam.Server.Images;

/// <summary>Makes embeddings of pictures.</summary>
internal interface IImageEncoder
{
    /// <summary>Encodes a picture with a model, ready for its first prompt.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    ImageEmbedding Encode(Sam sam, RgbImage picture, IProgress<double> progress, CancellationToken cancellation);

    /// <summary>Does what the first picture would have to wait for.</summary>
    void WarmUp();
}
