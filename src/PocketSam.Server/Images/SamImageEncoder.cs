using PocketSam.Segmentation;

namespace PocketSam.Server.Computing;

/// <summary>Encodes with the service's model.</summary>
internal sealed class SamEncoder(Sam sam, PocketSamOptions options) : IPictureEncoder
{
    private const int WarmUpSide = 64;

    public ImageEmbedding Encode(RgbImage picture, IProgress<double> progress, CancellationToken cancellation)
    {
        ImageEmbedding embedding = sam.Encode(picture, options.ImageSize, cancellation, progress);

        // The first prompt prepares what all share, so nobody waits for that after the picture is said to be ready.
        try
        {
            sam.Predict(embedding, Prompt.Point(picture.Width / 2, picture.Height / 2));
            return embedding;
        }
        catch
        {
            embedding.Dispose();
            throw;
        }
    }

    public void WarmUp()
    {
        using ImageEmbedding embedding = sam.Encode(new RgbImage(WarmUpSide, WarmUpSide), options.ImageSize);
        sam.Predict(embedding, Prompt.Point(WarmUpSide / 2, WarmUpSide / 2));
    }
}
