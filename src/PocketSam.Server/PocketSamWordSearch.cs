namespace PocketSam.Server;

/// <summary>Words that are looked for in pictures; <see cref="PocketSamWords.Ask"/> makes it. Any number of threads may use it.</summary>
public sealed class PocketSamWordSearch
{
    private readonly Sam _encoder;
    private readonly ITextGrounder _grounder;
    private readonly int? _imageSize;

    internal PocketSamWordSearch(Sam encoder, ITextGrounder grounder, IReadOnlyList<string> phrases, int? imageSize)
    {
        (_encoder, _grounder, _imageSize) = (encoder, grounder, imageSize);
        Phrases = phrases;
    }

    /// <summary>What is looked for, each phrase once.</summary>
    public IReadOnlyList<string> Phrases { get; }

    /// <summary>The masks of a picture that the phrases mean, the surest first; none where nothing was found.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="cancellation">Stops the work soon after it is cancelled.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<GroundedMask> Find(RgbImage image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        using ImageEmbedding embedding = _encoder.Encode(image, _imageSize, cancellation);
        return _grounder.Ground(image, embedding, Phrases, cancellation: cancellation);
    }
}
