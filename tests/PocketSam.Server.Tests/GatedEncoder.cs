using PocketSam.Server.Images;

namespace PocketSam.Server.Tests;

/// <summary>Encodes as many pictures as a test lets through; one that waits can be cancelled.</summary>
internal sealed class GatedEncoder : IImageEncoder
{
    private readonly SemaphoreSlim _gate = new(0);

    /// <summary>Encodings that were begun.</summary>
    public int Begun { get; private set; }

    /// <summary>Encodings that were cancelled.</summary>
    public int Cancelled { get; private set; }

    public void Open(int pictures = 1) => _gate.Release(pictures);

    public ImageEmbedding Encode(Sam sam, RgbImage picture, IProgress<double> progress, CancellationToken cancellation)
    {
        Begun++;
        progress.Report(0.25);
        try
        {
            _gate.Wait(cancellation);
        }
        catch (OperationCanceledException)
        {
            Cancelled++;
            throw;
        }

        return picture.Width == 1 ? throw new InvalidOperationException("a test's own failure")
            : sam.Encode(picture, cancellation: cancellation, progress: progress);
    }

    public void WarmUp()
    {
    }
}
