using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;
using PocketSam.Training.Data;
using PocketSam.Training.Distillation;

namespace PocketSam.Cli.Embedding;

/// <summary>Embeds pictures into a cache, except those that it already has with the same content.</summary>
internal sealed class CacheEmbedder(Sam sam, int imageSize, EmbeddingCacheWriter cache, ImageReadOptions reading)
{
    /// <summary>Embeds all missing pictures. Finished ones are kept if it is cancelled.</summary>
    /// <returns>
    /// The result for each picture; a picture that cannot be read, or whose embedding exceeds half precision, gives a
    /// failure and no exception.
    /// </returns>
    /// <exception cref="IOException">A file of the cache cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public EmbeddedImage[] Run(
        IReadOnlyList<PictureJob> jobs, IProgress<double> progress, CancellationToken cancellation)
    {
        var done = new EmbeddedImage[jobs.Count];
        try
        {
            for (int i = 0; i < done.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                done[i] = Run(jobs[i], cancellation);
                progress.Report((i + 1.0) / done.Length);
            }
        }
        catch (Exception e) when (e is not IOException)
        {
            cache.Flush();
            throw;
        }

        cache.Flush();
        return done;
    }

    private EmbeddedImage Run(PictureJob job, CancellationToken cancellation)
    {
        RgbImage image;
        string hash;
        try
        {
            hash = PictureKey.Hash(job.Picture);
            if (cache.Holds(job.Name, hash))
                return new EmbeddedImage(job.Picture, null, EmbeddedImage.Present);
            image = ImageFile.Read(job.Picture, reading, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new EmbeddedImage(job.Picture, null, EmbeddedImage.Failed, e.Message);
        }

        using ImageEmbedding embedding = sam.Encode(image, imageSize, cancellation);
        try
        {
            cache.Add(job.Name, hash, embedding);
        }
        catch (ArgumentException e)
        {
            return new EmbeddedImage(job.Picture, null, EmbeddedImage.Failed, e.Message);
        }

        return new EmbeddedImage(job.Picture, null, EmbeddedImage.Written);
    }
}
