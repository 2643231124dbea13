using System.Globalization;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;
using PocketSam.Training.Data;

namespace PocketSam.Cli.Embedding;

/// <summary>Embeds picture after picture; what is there already, of the same picture and encoder, is left alone.</summary>
internal sealed class Embedder(Sam sam, int imageSize, DataType type, ImageReadOptions reading)
{
    /// <summary>How names of embeddings end.</summary>
    public const string Extension = ".safetensors";

    private const string NameKey = "image";
    private const string HashKey = "image_sha256";

    /// <summary>Names and numbers beside the values take less.</summary>
    private const int MostOfHeader = 4096;

    /// <summary>Bytes of each embedding.</summary>
    public long BytesEach => EmbeddingFile.SizeOf(
        imageSize / SamConfig.EmbeddingStride, sam.Config.FeatureChannels, type);

    /// <summary>Whether there is a file of the size of such an embedding, which costs no look into it.</summary>
    public bool IsThere(string target)
        => new FileInfo(target) is { Exists: true, Length: var length } && length >= BytesEach
            && length <= BytesEach + MostOfHeader;

    /// <summary>Embeds one picture.</summary>
    /// <returns>What became of it; a picture that cannot be read is no exception.</returns>
    /// <exception cref="IOException">The embedding cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing was written.</exception>
    public EmbeddedImage Run(PictureJob job, CancellationToken cancellation)
    {
        RgbImage image;
        string hash;
        try
        {
            hash = PictureKey.Hash(job.Picture);
            if (IsDone(job.Target, hash))
                return new EmbeddedImage(job.Picture, job.Target, EmbeddedImage.Present);
            image = ImageFile.Read(job.Picture, reading, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new EmbeddedImage(job.Picture, null, EmbeddedImage.Failed, e.Message);
        }

        using ImageEmbedding embedding = sam.Encode(image, imageSize, cancellation);
        if (Path.GetDirectoryName(job.Target) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        embedding.Save(
            job.Target, type, new Dictionary<string, string> { [NameKey] = job.Name, [HashKey] = hash });
        return new EmbeddedImage(job.Picture, job.Target, EmbeddedImage.Written);
    }

    private bool IsDone(string target, string hash)
    {
        if (!File.Exists(target))
            return false;
        try
        {
            using Checkpoint file = CheckpointFile.Read(target);
            return file.Tensors.TryGetValue(EmbeddingFile.TensorName, out StoredTensor? tensor) && tensor.Type == type
                && file.Metadata.GetValueOrDefault(HashKey) == hash
                && file.Metadata.GetValueOrDefault(EmbeddingFile.FingerprintKey) == sam.Fingerprint
                && file.Metadata.GetValueOrDefault(EmbeddingFile.InputSizeKey)
                    == imageSize.ToString(CultureInfo.InvariantCulture);
        }
        catch (CheckpointFormatException)
        {
            return false;
        }
    }
}
