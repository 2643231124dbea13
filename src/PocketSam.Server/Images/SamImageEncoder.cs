using Microsoft.Extensions.Options;

namespace PocketSam.Server.Images;

/// <summary>Encodes pictures with the service's model.</summary>
internal sealed class SamImageEncoder(PocketSamModel model, TextOffer text, IOptions<PocketSamOptions> options) : IImageEncoder
{
    private const int WarmUpSide = 64;

    public ImageEmbedding Encode(Sam sam, RgbImage picture, IProgress<double> progress, CancellationToken cancellation)
    {
        ImageEmbedding embedding = text.EncoderOf(sam).Encode(picture, options.Value.ImageSize, cancellation, progress);

        // The first prompt computes what all prompts share; doing it here keeps a picture that is reported ready fast.
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
        Sam sam = text.EncoderOf(model.Current);
        using ImageEmbedding embedding = sam.Encode(new RgbImage(WarmUpSide, WarmUpSide), options.Value.ImageSize);
        sam.Predict(embedding, Prompt.Point(WarmUpSide / 2, WarmUpSide / 2));
    }
}
